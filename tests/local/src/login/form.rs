//! The parameters of a login, from a query or a form.

use reqwest::Url;

/// Names and values in their order.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(text: &str) -> Self {
        // Any address will do: what is read is what follows its question mark.
        let url = Url::parse("http://localhost/").map(|mut url| {
            url.set_query(Some(text));
            url
        });
        let pairs = |url: Url| url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Self(url.map(pairs).unwrap_or_default())
    }

    pub(super) fn of_body(body: &[u8]) -> Self {
        Self::parse(&String::from_utf8_lossy(body))
    }

    /// The value of a parameter; `None` where it is missing, empty or there twice.
    pub(super) fn one(&self, wanted: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let first = values.next().filter(|value| !value.is_empty());
        first.filter(|_| values.next().is_none())
    }
}

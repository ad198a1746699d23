//! A result, or a part of it: each part with the type and the headers under which nothing runs it.

use adapters::lambda::{http, sized};
use adapters::openai::wire;
use domain::contract::result::SignedLink;
use domain::flow::deliver::{self, Delivered, Part, ReadAnswer};
use domain::flow::{FlowError, link};
use domain::port::{Clock, Links, Payloads, StoreReader};
use domain::provider::ProviderResponse;
use domain::provider::evidence::Gathered;
use domain::value::failure::Failure;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;

use crate::{ReadSettings, query};

pub(crate) async fn answer(
    reader: &impl StoreReader,
    settings: &ReadSettings,
    payloads: &(impl Payloads + Links),
    clock: &impl Clock,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let (caller, id, part) = (settings.caller(request)?, http::path(request, "id"), query::part(request)?);
    let delivered = deliver::result(reader, payloads, Wire, &caller, &id, part).await?;
    if let Some(whole) = written(payloads, clock, delivered, &id).await? {
        return Ok(whole);
    }
    let link = match deliver::result(reader, payloads, Wire, &caller, &id, Part::All).await? {
        Delivered::All(view) => link::to_raw(payloads, clock, *view).await?,
        _ => None,
    };
    Ok(elsewhere(part, link, &http::request_id(request)))
}

/// `None` where it is too large for an answer.
async fn written(
    links: &impl Links,
    clock: &impl Clock,
    delivered: Delivered,
    id: &str,
) -> Result<Option<Response<Body>>, Failure> {
    Ok(match delivered {
        Delivered::All(mut view) => {
            link::add(links, clock, &mut view).await?;
            sized::json(StatusCode::OK, &view)
        }
        Delivered::Text(text) => sized::text("text/plain; charset=utf-8", text),
        Delivered::Report(report) => sized::text("text/markdown; charset=utf-8", report),
        Delivered::Structured(json) | Delivered::Json(json) => sized::text("application/json", json),
        Delivered::Raw(raw) => sized::file(&format!("{id}.json"), raw),
    })
}

/// The raw bytes are had at the link; of another part there is only a way to what it was made from.
fn elsewhere(part: Part, link: Option<SignedLink>, request_id: &str) -> Response<Body> {
    match (part, link) {
        (Part::Raw, Some(link)) => {
            let response = http::json(StatusCode::SEE_OTHER, &json!({"link": link}));
            http::with_header(response, "location", &link.url)
        }
        (_, link) => sized::part_too_large(link.as_ref(), request_id),
    }
}

/// The provider's answers, by its own words.
struct Wire;

impl ReadAnswer for Wire {
    fn answer(&self, raw: &[u8]) -> Result<ProviderResponse, Failure> {
        wire::parse(raw, None).map_err(|error| Failure::permanent("read the stored result", error))
    }

    fn gathered(&self, raw: &[u8]) -> Gathered {
        wire::gathered(raw)
    }
}

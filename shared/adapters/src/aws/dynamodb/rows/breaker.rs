//! The row of a circuit's breaker.

use domain::policy::lane::Lane;
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::word::Closed as _;

use super::{BadRow, Item, RowDecoder, RowEncoder, row};
use crate::aws::dynamodb::keys::Key;

const LANE: &str = "LANE#";
const LOOKS: &str = "LOOKS";

pub fn key(circuit: Circuit) -> Key {
    let sk = match circuit {
        Circuit::Starts(lane) => format!("{LANE}{}", lane.word()),
        Circuit::Polls => LOOKS.to_owned(),
    };
    Key { pk: "SYSTEM".to_owned(), sk }
}

fn parse_sk(sk: &str) -> Option<Circuit> {
    match sk {
        LOOKS => Some(Circuit::Polls),
        lane => Lane::read(lane.strip_prefix(LANE)?).map(Circuit::Starts),
    }
}

pub(in super::super) fn encode(breaker: &Breaker) -> RowEncoder {
    let mut row = RowEncoder::new(key(breaker.circuit), "breaker");
    write(breaker, &mut row);
    row
}

pub(in super::super) fn decode(item: &Item) -> Result<Breaker, BadRow> {
    read(&RowDecoder { entity: "breaker", item })
}

row! {
    Breaker as breaker in row;
    write {}
    read { let circuit = row.parsed("SK", parse_sk)?; }
    given { circuit }
    stored { failures: "failures", parked_until: "parked_until", reason: "reason", version: "version", }
}

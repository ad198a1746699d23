//! What the table's file is given beside the database's own schema, so that the thousandth job costs what the first did.

use std::path::Path;

use dynoxide::Database;
use rusqlite::Connection;

use super::BoxError;
use crate::world::EVENT_ROWS;

/// Stream records that are kept: many times what waits to be read at any moment. What falls out unread is published by
/// the schedule, as on AWS after a day.
const KEPT: u32 = 10_000;

/// Sets up the file. It is done at each start, so an old file is set up too.
pub(super) fn set_up(database: &Database, file: &Path) -> Result<(), BoxError> {
    let connection = Connection::open(file)?;
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE;
        -- A start reads the stream from its end. One record stays, because the next number is worked out from the last.
        DELETE FROM _stream_records WHERE id < (SELECT MAX(id) FROM _stream_records);
        -- Only rows that are published are ever taken from the stream; what people asked and got never lies in it.
        DROP TRIGGER IF EXISTS only_event_rows;
        CREATE TRIGGER only_event_rows BEFORE INSERT ON _stream_records
        WHEN NEW.event_name <> 'INSERT'
            OR COALESCE(json_extract(NEW.new_image, '$.entity.S') NOT IN ({}), TRUE)
        BEGIN SELECT RAISE(IGNORE); END;
        DROP TRIGGER IF EXISTS only_the_latest;
        CREATE TRIGGER only_the_latest AFTER INSERT ON _stream_records
        BEGIN DELETE FROM _stream_records WHERE id <= NEW.id - {KEPT}; END;
        -- The database asks for the last number before each write, and for what follows a number.
        CREATE INDEX IF NOT EXISTS stream_by_number ON _stream_records
            (table_name, CAST(sequence_number AS INTEGER));
        CREATE INDEX IF NOT EXISTS stream_of_shard_by_number ON _stream_records
            (table_name, shard_id, CAST(sequence_number AS INTEGER));
        COMMIT;",
        EVENT_ROWS.map(|entity| format!("'{entity}'")).join(", "),
    ))?;
    // For its `synchronous = NORMAL`: a write is in the log's file when it is answered, so a killed process loses
    // nothing. After a power cut the last writes may be missing, and the file is whole.
    database.disable_bulk_loading()?;
    Ok(())
}

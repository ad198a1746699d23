//! The data folder, and large payloads in it, where AWS would use S3.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use adapters::aws::dynamodb::Objects;
use domain::value::failure::Failure;

#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Folder {
    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name.replace('#', "-"))
    }
}

impl Objects for Folder {
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        const WHAT: &str = "write the object";
        let path = self.path(name);
        // Written beside and moved into place, so that a killed process leaves no half object under a whole one's name.
        let beside = path.with_extension("part");
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(|error| Failure::transient(WHAT, error))?;
        }
        tokio::fs::write(&beside, bytes).await.map_err(|error| Failure::transient(WHAT, error))?;
        tokio::fs::rename(&beside, &path).await.map_err(|error| Failure::transient(WHAT, error))
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match tokio::fs::read(self.path(name)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::transient("read the object", error)),
        }
    }

    async fn erase(&self, prefix: &str) -> Result<(), Failure> {
        match tokio::fs::remove_dir_all(self.path(prefix)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::transient("erase the objects", error)),
            _ => Ok(()),
        }
    }
}

/// Makes the data folder for its owner alone, from its first moment: whoever could open it in between would read what
/// it comes to hold.
pub fn private(data: &Path) -> std::io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(data)
}

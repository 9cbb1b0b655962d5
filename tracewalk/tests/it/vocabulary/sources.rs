use std::{collections::BTreeSet, fs, path::Path};

/// The names that the sources of the services write.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    /// Every text between quotes on one line.
    pub(crate) all: BTreeSet<String>,
    /// Those that are names of attributes of our own.
    pub(crate) attributes: BTreeSet<String>,
    /// Those that are names of span events.
    pub(crate) events: BTreeSet<String>,
}

/// Reads the sources of all that runs inside a service; tests are left out.
pub(crate) fn literals() -> Literals {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut literals = Literals::default();
    for group in ["crates", "services"] {
        for package in folders(&root.join(group)) {
            literals.read_folder(&package.join("src"));
        }
    }
    literals
}

impl Literals {
    fn read_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.read_folder(&path);
            } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
                self.read_file(&fs::read_to_string(path).expect("a source file"));
            }
        }
    }

    fn read_file(&mut self, source: &str) {
        for line in source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            // Every second part lies between quotes.
            for text in line.split('"').skip(1).step_by(2) {
                self.all.insert(text.to_owned());
                if is_attribute(text) {
                    self.attributes.insert(text.to_owned());
                }
            }
            // `names!` puts the prefix of the program before each.
            if let Some((_, name)) = line.split_once("concat!($prefix, \"") {
                let (name, _) = name.split_once('"').expect("a name on one line");
                self.attributes.insert(format!("tracewalk{name}"));
            }
            if let Some((_, event)) = line.split_once("span::event(\"") {
                let (name, _) = event.split_once('"').expect("a name on one line");
                self.events.insert(name.to_owned());
            }
        }
    }
}

/// `tracewalk.` and more, and no name of a proto package.
fn is_attribute(text: &str) -> bool {
    let Some(name) = text.strip_prefix("tracewalk.") else {
        return false;
    };
    let letters = |it: char| it.is_ascii_lowercase() || it == '_' || it == '.';
    !name.is_empty() && name.chars().all(letters)
}

fn folders(parent: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(parent).expect("a folder of packages");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.join("src").is_dir()).collect()
}

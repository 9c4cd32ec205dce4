//! Where settings come from: environment variables over a TOML file, secrets also out of files of their own.

use std::{
    collections::BTreeMap,
    fmt, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use toml::Value;

use super::problem::{Problem, Problems};

/// The file that is read when none is named; it may be missing.
const DEFAULT_FILE: &str = "config/anteroom.toml";
const PREFIX: &str = "ANTEROOM_";
/// Read and write for the owner, nothing for anybody else.
const ONLY_OWNER: u32 = 0o600;

/// A setting: its place in the file and its variable.
#[derive(Debug)]
pub struct Key {
    /// In the file, as `section.name` or `name`.
    pub path: &'static str,
    /// In the environment.
    pub variable: &'static str,
    /// Whether it may also come from a file of its own (`…_FILE`) and must never be shown.
    pub secret: bool,
    /// What a right value looks like.
    pub right: &'static str,
}

/// The file and the environment, and what was found to be wrong with them so far.
pub struct Source {
    variables: BTreeMap<String, String>,
    file: Option<File>,
    problems: Problems,
}

struct File {
    path: PathBuf,
    table: toml::Table,
    /// Whether nobody but its owner can read it.
    private: bool,
}

struct Found {
    text: String,
    /// Unless it came from the variable itself.
    origin: Option<String>,
}

impl Source {
    /// The process's environment and the named file, or the default one where there is one.
    pub fn of_process(file: Option<&Path>) -> Self {
        let mut unreadable = Vec::new();
        let mut variables = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            if !name.starts_with(PREFIX) {
                continue;
            }
            match value.into_string() {
                Ok(value) => variables.push((name, value)),
                Err(_) => unreadable.push(name),
            }
        }
        let default = Path::new(DEFAULT_FILE);
        let file = file.or_else(|| default.exists().then_some(default));
        let mut source = Self::of(variables, file);
        for variable in unreadable {
            source.problem(variable, None, "is not UTF-8 text", "text");
        }
        source
    }

    /// These variables and this file. An empty variable counts as not given.
    pub fn of(variables: Vec<(String, String)>, file: Option<&Path>) -> Self {
        let variables = variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let mut source = Self { variables, file: None, problems: Problems::default() };
        if let Some(path) = file {
            source.file = source.read_file(path);
        }
        source
    }

    fn read_file(&mut self, path: &Path) -> Option<File> {
        let name = path.display().to_string();
        let right = "a TOML file like config/anteroom.toml, readable for the user that runs anteroom";
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.problem(name, None, &format!("cannot be read: {error}"), right);
                return None;
            }
        };
        match text.parse::<toml::Table>() {
            Ok(table) => Some(File { path: path.to_owned(), table, private: is_private(path) }),
            Err(error) => {
                // The error's own Display quotes the line, which may hold a secret.
                let line = error
                    .span()
                    .and_then(|span| text.get(..span.start))
                    .map(|before| format!(" at line {}", before.matches('\n').count() + 1));
                let wrong = format!("is not TOML{}: {}", line.unwrap_or_default(), error.message());
                self.problem(name, None, wrong.trim_end(), right);
                None
            }
        }
    }

    /// Every key of the file must be one that is known: a misspelt one would silently do nothing.
    pub fn refuse_unknown_keys(&mut self, known: &[&[Key]]) {
        let Some(file) = &self.file else { return };
        let is_known =
            |path: &str| {
                known.iter().copied().flatten().any(|key| {
                    key.path == path || (key.secret && path.strip_suffix("_file") == Some(key.path))
                })
            };
        let mut paths = Vec::new();
        for (name, value) in &file.table {
            match value {
                Value::Table(section) => paths.extend(section.keys().map(|inner| format!("{name}.{inner}"))),
                _ => paths.push(name.clone()),
            }
        }
        let shown = file.path.display().to_string();
        for path in paths.into_iter().filter(|path| !is_known(path)) {
            self.problem(
                path,
                Some(format!("in {shown}")),
                "is no setting",
                "a name that config/anteroom.toml lists, in its section",
            );
        }
    }

    /// Variables that begin with `ANTEROOM_` and are no settings.
    pub fn unknown_variables(&self, known: &[&[Key]]) -> Vec<String> {
        let is_known = |name: &str| {
            known.iter().copied().flatten().any(|key| {
                key.variable == name || (key.secret && name.strip_suffix("_FILE") == Some(key.variable))
            })
        };
        self.variables.keys().filter(|name| !is_known(name)).cloned().collect()
    }

    /// Whether any of these is given, right or wrong.
    pub fn has_any(&mut self, keys: &[Key]) -> bool {
        keys.iter().any(|key| {
            self.variables.contains_key(key.variable)
                || self.variables.contains_key(&format!("{}_FILE", key.variable))
                || self.in_file(key.path).is_some()
                || self.in_file(&format!("{}_file", key.path)).is_some()
        })
    }

    /// The value, if it is given and right.
    pub fn optional<T, E: fmt::Display>(
        &mut self,
        key: &Key,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let found = self.find(key)?;
        self.parsed(key, &found, parse)
    }

    /// The value, if it is right; a missing one is a problem.
    pub fn required<T, E: fmt::Display>(
        &mut self,
        key: &Key,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let before = self.problems.clone();
        if let Some(found) = self.find(key) {
            return self.parsed(key, &found, parse);
        }
        if self.problems == before {
            self.problem(key.variable.to_owned(), None, "is missing", key.right);
        }
        None
    }

    /// The value, or the default where none is given.
    pub fn or_default<T, E: fmt::Display>(
        &mut self,
        key: &Key,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let before = self.problems.clone();
        let found = self.find(key);
        if found.is_none() && self.problems != before {
            return None;
        }
        let found =
            found.unwrap_or_else(|| Found { text: default.to_owned(), origin: Some("default".to_owned()) });
        self.parsed(key, &found, parse)
    }

    fn parsed<T, E: fmt::Display>(
        &mut self,
        key: &Key,
        found: &Found,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(found.text.trim()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(key.variable.to_owned(), found.origin.clone(), &error.to_string(), key.right);
                None
            }
        }
    }

    /// Notes that a setting is wrong for a reason that no single parser sees.
    pub fn refuse(&mut self, key: &Key, wrong: &str) {
        self.problem(key.variable.to_owned(), None, wrong, key.right);
    }

    /// Everything that was wrong.
    pub fn into_problems(self) -> Problems {
        self.problems
    }

    fn problem(&mut self, variable: String, origin: Option<String>, wrong: &str, right: &str) {
        self.problems.push(Problem { variable, origin, wrong: wrong.to_owned(), right: right.to_owned() });
    }

    fn find(&mut self, key: &Key) -> Option<Found> {
        let direct = self.variables.get(key.variable).cloned();
        let file_variable = format!("{}_FILE", key.variable);
        let by_file = key.secret.then(|| self.variables.get(&file_variable).cloned()).flatten();
        match (direct, by_file) {
            (Some(_), Some(_)) => {
                let wrong = format!("and {file_variable} are both given");
                self.problem(key.variable.to_owned(), None, &wrong, "one of the two");
                None
            }
            (Some(text), None) => Some(Found { text, origin: None }),
            (None, Some(path)) => self.secret_file(key, &file_variable, Path::new(&path)),
            (None, None) => self.find_in_file(key),
        }
    }

    fn find_in_file(&mut self, key: &Key) -> Option<Found> {
        let (shown, private) = {
            let file = self.file.as_ref()?;
            (file.path.display().to_string(), file.private)
        };
        let file_path = format!("{}_file", key.path);
        let direct = self.in_file(key.path);
        let by_file = if key.secret { self.in_file(&file_path) } else { None };
        let origin = format!("{} in {shown}", key.path);
        match (direct, by_file) {
            (Some(_), Some(_)) => {
                let wrong = format!("and {file_path} are both given");
                self.problem(key.variable.to_owned(), Some(origin), &wrong, "one of the two");
                None
            }
            (Some(value), None) => match as_text(&value) {
                Some(text) if text.trim().is_empty() => None,
                Some(_) if key.secret && !private => {
                    let wrong = "is a secret in a file that others can read";
                    let right = format!("`chmod 600 {shown}`, or a file of its own named in {file_path}");
                    self.problem(key.variable.to_owned(), Some(origin), wrong, &right);
                    None
                }
                Some(text) => Some(Found { text, origin: Some(origin) }),
                None => {
                    self.problem(key.variable.to_owned(), Some(origin), "is not text", key.right);
                    None
                }
            },
            (None, Some(value)) => {
                let path = as_text(&value).unwrap_or_default();
                self.secret_file(key, &format!("{file_path} in {shown}"), Path::new(path.trim()))
            }
            (None, None) => None,
        }
    }

    fn in_file(&self, path: &str) -> Option<Value> {
        let table = &self.file.as_ref()?.table;
        match path.split_once('.') {
            Some((section, name)) => table.get(section)?.get(name).cloned(),
            None => table.get(path).cloned(),
        }
    }

    fn secret_file(&mut self, key: &Key, origin: &str, path: &Path) -> Option<Found> {
        let shown = path.display();
        let origin = Some(origin.to_owned());
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let wrong = format!("cannot be read from {shown}: {error}");
                self.problem(
                    key.variable.to_owned(),
                    origin,
                    &wrong,
                    "the path of a file that holds the secret",
                );
                return None;
            }
        };
        if !is_private(path) {
            let wrong = format!("is in {shown}, which others than its owner can read");
            self.problem(key.variable.to_owned(), origin, &wrong, &format!("`chmod 600 {shown}`"));
            return None;
        }
        if text.trim().is_empty() {
            self.problem(key.variable.to_owned(), origin, &format!("is empty in {shown}"), key.right);
            return None;
        }
        Some(Found { text, origin })
    }
}

fn is_private(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o777 & !ONLY_OWNER == 0)
}

/// Lists may be written as such in the file; in a variable they are separated by commas.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Array(values) => {
            values.iter().map(|value| value.as_str()).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: Key =
        Key { path: "zoom.token", variable: "ANTEROOM_TOKEN", secret: true, right: "a token" };
    const LIST: Key = Key { path: "hosts", variable: "ANTEROOM_HOSTS", secret: false, right: "hosts" };
    const KNOWN: &[&[Key]] = &[&[SECRET, LIST]];

    #[expect(clippy::unnecessary_wraps, reason = "stands in for a parser")]
    fn as_it_is(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    struct Directory(tempfile::TempDir);

    impl Directory {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
            let path = self.0.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        }
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_variable_overrides_the_file() {
        let directory = Directory::new();
        let file = directory.file("a.toml", "hosts = [\"a\", \"b\"]", 0o644);
        let mut source = Source::of(Vec::new(), Some(&file));
        assert_eq!(source.optional(&LIST, as_it_is).as_deref(), Some("a,b"));
        let mut source = Source::of(variables(&[("ANTEROOM_HOSTS", "c")]), Some(&file));
        assert_eq!(source.optional(&LIST, as_it_is).as_deref(), Some("c"));
    }

    #[test]
    fn an_empty_variable_is_not_given() {
        let mut source = Source::of(variables(&[("ANTEROOM_HOSTS", " ")]), None);
        assert_eq!(source.or_default(&LIST, "default", as_it_is).as_deref(), Some("default"));
    }

    #[test]
    fn a_secret_comes_from_a_file_that_only_its_owner_can_read() {
        let directory = Directory::new();
        let private = directory.file("private", "s3cret\n", 0o600);
        let open = directory.file("open", "s3cret\n", 0o640);
        let mut source = Source::of(variables(&[("ANTEROOM_TOKEN_FILE", private.to_str().unwrap())]), None);
        assert_eq!(source.required(&SECRET, as_it_is).as_deref(), Some("s3cret"));
        assert!(source.into_problems().is_empty());

        let mut source = Source::of(variables(&[("ANTEROOM_TOKEN_FILE", open.to_str().unwrap())]), None);
        assert_eq!(source.required(&SECRET, as_it_is), None);
        let complaint = source.into_problems().to_string();
        assert!(complaint.contains("chmod 600") && !complaint.contains("s3cret"), "{complaint}");
    }

    #[test]
    fn a_secret_given_twice_is_refused_with_one_complaint() {
        let directory = Directory::new();
        let private = directory.file("private", "s3cret", 0o600);
        let both = [("ANTEROOM_TOKEN", "x"), ("ANTEROOM_TOKEN_FILE", private.to_str().unwrap())];
        let mut source = Source::of(variables(&both), None);
        assert_eq!(source.required(&SECRET, as_it_is), None);
        assert_eq!(source.into_problems().variables(), ["ANTEROOM_TOKEN"]);
    }

    #[test]
    fn a_secret_inside_the_settings_file_needs_a_private_file() {
        let directory = Directory::new();
        let text = "[zoom]\ntoken = \"s3cret\"";
        let open = directory.file("open.toml", text, 0o644);
        let private = directory.file("private.toml", text, 0o600);
        assert_eq!(Source::of(Vec::new(), Some(&open)).required(&SECRET, as_it_is), None);
        assert!(Source::of(Vec::new(), Some(&private)).required(&SECRET, as_it_is).is_some());
    }

    #[test]
    fn an_unknown_key_in_the_file_is_refused() {
        let directory = Directory::new();
        let file = directory.file("a.toml", "host = \"a\"\n[zoom]\ntoken_file = \"x\"\ntokens = 1", 0o644);
        let mut source = Source::of(Vec::new(), Some(&file));
        source.refuse_unknown_keys(KNOWN);
        assert_eq!(source.into_problems().variables(), ["host", "zoom.tokens"]);
    }

    #[test]
    fn a_broken_file_is_told_by_its_line_and_not_by_its_text() {
        let directory = Directory::new();
        let file = directory.file("a.toml", "hosts = \"a\"\ntoken = s3cret\n", 0o600);
        let complaint = Source::of(Vec::new(), Some(&file)).into_problems().to_string();
        assert!(complaint.contains("line 2") && !complaint.contains("s3cret"), "{complaint}");
    }

    #[test]
    fn a_named_file_must_exist() {
        let missing = Path::new("/nonexistent/anteroom.toml");
        assert!(!Source::of(Vec::new(), Some(missing)).into_problems().is_empty());
    }
}

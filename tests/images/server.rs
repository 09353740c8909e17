//! A small HTTP server on loopback that does as it is told, and notes what was asked.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// How one request is answered.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    body: Vec<u8>,
    ranges: bool,
    etag: Option<String>,
    cut: Option<usize>,
    stop: Option<usize>,
    slow: Duration,
}

impl Answer {
    /// The body, whole; `Range` is not known.
    pub fn plain(body: &[u8]) -> Self {
        Self {
            status: 200,
            body: body.to_vec(),
            ranges: false,
            etag: None,
            cut: None,
            stop: None,
            slow: Duration::ZERO,
        }
    }

    /// The body, or the range of it that is asked for.
    pub fn ranges(body: &[u8], etag: Option<&str>) -> Self {
        Self {
            ranges: true,
            etag: etag.map(str::to_owned),
            ..Self::plain(body)
        }
    }

    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::plain(b"sorry")
        }
    }

    /// Closes the connection after so many bytes of the body.
    pub fn cut_after(self, bytes: usize) -> Self {
        Self {
            cut: Some(bytes),
            ..self
        }
    }

    /// Says nothing more after so many bytes of the body, and keeps the line open.
    pub fn silent_after(self, bytes: usize) -> Self {
        Self {
            stop: Some(bytes),
            ..self
        }
    }

    pub fn after(self, slow: Duration) -> Self {
        Self { slow, ..self }
    }
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub range: Option<String>,
    /// The bytes of bodies that were sent for it.
    pub sent: usize,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, Vec<Answer>>,
    asked: Vec<Asked>,
}

pub struct Server {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // The thread ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Self { port, state }
    }

    /// Sets the answers to the requests of `path`; the last one is repeated.
    pub fn answer(&self, path: &str, answers: impl IntoIterator<Item = Answer>) -> String {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        let mut state = self.state.lock().unwrap();
        state.answers.insert(path.to_owned(), answers);
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Returns the `Range` of each request of `path`.
    pub fn ranges_of(&self, path: &str) -> Vec<Option<String>> {
        let asked = self.asked().into_iter();
        asked
            .filter(|asked| asked.path == path)
            .map(|asked| asked.range)
            .collect()
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let range = headers.get("range").cloned();
    let (answer, index) = {
        let mut state = shared.lock().unwrap();
        let answer = match state.answers.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.pop(),
            Some(answers) => answers.last().cloned(),
            None => None,
        };
        state.asked.push(Asked {
            path,
            range: range.clone(),
            sent: 0,
        });
        let index = state.asked.len() - 1;
        (answer.unwrap_or_else(|| Answer::status(404)), index)
    };
    thread::sleep(answer.slow);
    let same = headers
        .get("if-range")
        .is_none_or(|tag| answer.etag.as_ref() == Some(tag));
    let first = range
        .filter(|_| answer.ranges && answer.status == 200 && same)
        .and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse()
                .ok()
        });
    let all = answer.body.len();
    let (status, body, extra) = match first {
        Some(first) if first >= all => (416, &[][..], format!("Content-Range: bytes */{all}\r\n")),
        Some(first) => (
            206,
            &answer.body[first..],
            format!("Content-Range: bytes {first}-{}/{all}\r\n", all - 1),
        ),
        None => (answer.status, &answer.body[..], String::new()),
    };
    let tag = answer.etag.as_ref();
    let tag = tag
        .map(|tag| format!("ETag: {tag}\r\n"))
        .unwrap_or_default();
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n{tag}{extra}\r\n",
        body.len()
    )?;
    let end = answer.cut.or(answer.stop).unwrap_or(body.len());
    let part = &body[..end.min(body.len())];
    stream.write_all(part)?;
    stream.flush()?;
    shared.lock().unwrap().asked[index].sent = part.len();
    if answer.stop.is_some() {
        // Until the other side gives up.
        reader.read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

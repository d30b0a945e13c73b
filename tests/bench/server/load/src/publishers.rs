//! Connections that events are published over, one request at a time on each.

use memchr::memmem;
use mio::{Interest, Registry, Token, net::TcpStream};
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Read as _, Write as _},
    net::SocketAddr,
};

const FIRST: usize = 1 << 32;

pub(crate) struct Publishers {
    registry: Registry,
    address: SocketAddr,
    all: Vec<Publisher>,
    waiting: VecDeque<String>,
}

struct Publisher {
    /// None until it is needed: servers end connections that say nothing.
    socket: Option<TcpStream>,
    unsent: Vec<u8>,
    /// The answer so far, while one is awaited.
    answer: Option<Vec<u8>>,
}

impl Publishers {
    pub(crate) fn new(registry: &Registry, address: SocketAddr, count: usize) -> io::Result<Self> {
        let idle = || Publisher {
            socket: None,
            unsent: Vec::new(),
            answer: None,
        };
        Ok(Self {
            registry: registry.try_clone()?,
            address,
            all: std::iter::repeat_with(idle).take(count).collect(),
            waiting: VecDeque::new(),
        })
    }

    pub(crate) fn owns(token: Token) -> bool {
        token.0 >= FIRST
    }

    pub(crate) fn send(&mut self, request: &str) -> io::Result<()> {
        self.waiting.push_back(request.to_owned());
        self.start()
    }

    /// Requests that were not answered yet.
    pub(crate) fn unanswered(&self) -> usize {
        self.waiting.len() + self.all.iter().filter(|one| one.answer.is_some()).count()
    }

    fn start(&mut self) -> io::Result<()> {
        let all = self.all.iter_mut().enumerate();
        for (index, publisher) in all.filter(|(_, one)| one.answer.is_none()) {
            let Some(request) = self.waiting.pop_front() else {
                break;
            };
            publisher.unsent = request.into_bytes();
            publisher.answer = Some(Vec::new());
            if publisher.socket.is_none() {
                let mut socket = TcpStream::connect(self.address)?;
                let interest = Interest::READABLE | Interest::WRITABLE;
                let token = Token(FIRST + index);
                self.registry.register(&mut socket, token, interest)?;
                publisher.socket = Some(socket);
            }
            publisher.write()?;
        }
        Ok(())
    }

    pub(crate) fn turn(&mut self, token: Token) -> io::Result<()> {
        let publisher = &mut self.all[token.0 - FIRST];
        publisher.write()?;
        publisher.read()?;
        self.start()
    }
}

impl Publisher {
    fn write(&mut self) -> io::Result<()> {
        let Some(socket) = &mut self.socket else {
            return Ok(());
        };
        while !self.unsent.is_empty() {
            match socket.write(&self.unsent) {
                Ok(length) => drop(self.unsent.drain(..length)),
                Err(error) if not_now(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4_096];
        while let Some(socket) = &mut self.socket {
            match socket.read(&mut buffer) {
                Ok(0) if self.answer.is_some() => {
                    return Err(io::Error::other("a publisher's connection was ended"));
                }
                Ok(0) => self.socket = None,
                Ok(length) => {
                    if let Some(answer) = &mut self.answer {
                        answer.extend_from_slice(&buffer[..length]);
                        if is_whole(answer)? {
                            self.answer = None;
                        }
                    }
                }
                Err(error) if not_now(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn not_now(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::NotConnected
    )
}

/// Whether all of an answer has come. All servers here say its length.
fn is_whole(answer: &[u8]) -> io::Result<bool> {
    let Some(end) = memmem::find(answer, b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    if !head.starts_with("http/1.1 2") {
        let text = String::from_utf8_lossy(answer);
        return Err(io::Error::other(format!("an event was refused: {text}")));
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse::<usize>().ok())
        .unwrap_or(0);
    Ok(answer.len() >= end + 4 + length)
}

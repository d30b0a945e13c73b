//! The least that a server can do: one thread over epoll, and for each event one write to each
//! stream. What it cannot do faster is the kernel's.

use super::BACKLOG;
use memchr::memmem;
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use socket2::SockRef;
use std::{
    collections::HashMap,
    error::Error,
    io::{self, ErrorKind, Read as _, Write as _},
};

const LISTENER: Token = Token(0);
const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n\r\n";
const TAKEN: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";

struct Client {
    socket: TcpStream,
    request: Vec<u8>,
    subscribed: bool,
    unsent: Vec<u8>,
}

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    SockRef::from(&listener).listen(BACKLOG)?;
    println!("{}", listener.local_addr()?);
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut clients: HashMap<usize, Client> = HashMap::new();
    let mut last = 0;
    let mut events = Events::with_capacity(1_024);
    loop {
        poll.poll(&mut events, None)?;
        let mut published = Vec::new();
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut socket, _)) = listener.accept() {
                    last += 1;
                    socket.set_nodelay(true)?;
                    let interest = Interest::READABLE | Interest::WRITABLE;
                    poll.registry()
                        .register(&mut socket, Token(last), interest)?;
                    clients.insert(last, Client::new(socket));
                }
            } else if let Some(client) = clients.get_mut(&event.token().0)
                && client.turn(&mut published).is_err()
            {
                clients.remove(&event.token().0);
            }
        }
        // What came together goes together.
        if !published.is_empty() {
            for client in clients.values_mut().filter(|client| client.subscribed) {
                // One that is gone is noticed when it is read.
                let _ = client.write(&published);
            }
        }
    }
}

impl Client {
    fn new(socket: TcpStream) -> Self {
        Self {
            socket,
            request: Vec::new(),
            subscribed: false,
            unsent: Vec::new(),
        }
    }

    fn turn(&mut self, published: &mut Vec<u8>) -> io::Result<()> {
        self.write(b"")?;
        let mut buffer = [0; 4_096];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.request.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        while let Some(end) = memmem::find(&self.request, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&self.request[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if self.request.len() < end + 4 + length {
                break;
            }
            let body = &self.request[end + 4..end + 4 + length];
            if head.starts_with("post") {
                published.extend_from_slice(b"data: ");
                published.extend_from_slice(body);
                published.extend_from_slice(b"\n\n");
                self.request.drain(..end + 4 + length);
                self.write(TAKEN)?;
            } else {
                self.request = Vec::new();
                self.subscribed = true;
                self.write(STREAM)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.unsent.is_empty() {
            match self.socket.write(bytes) {
                Ok(length) if length == bytes.len() => return Ok(()),
                Ok(length) => self.unsent.extend_from_slice(&bytes[length..]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.unsent.extend_from_slice(bytes);
                }
                Err(error) => return Err(error),
            }
            return Ok(());
        }
        self.unsent.extend_from_slice(bytes);
        match self.socket.write(&self.unsent) {
            Ok(length) => drop(self.unsent.drain(..length)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

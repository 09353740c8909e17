use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
};

/// Hands on bytes between swarmctl and an sshd, and cuts both sides off after a number
/// of them.
pub struct Proxy {
    port: u16,
    left: Arc<AtomicI64>,
}

impl Proxy {
    /// Starts one in front of a port; it hands on everything until told otherwise.
    pub fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let left = Arc::new(AtomicI64::new(i64::MAX / 2));
        let shared = Arc::clone(&left);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else {
                    continue;
                };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let left = Arc::clone(&shared);
                    thread::spawn(move || hand_on(from, to, &left));
                }
            }
        });
        Self { port, left }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts everything off once this many more bytes went through, either way.
    pub fn cut_after(&self, bytes: i64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// Hands on everything again.
    pub fn mend(&self) {
        self.cut_after(i64::MAX / 2);
    }

    /// Returns how many bytes went through since the last [`Self::mend`].
    pub fn passed(&self) -> i64 {
        i64::MAX / 2 - self.left.load(Ordering::SeqCst)
    }

    /// Returns whether the cut came.
    pub fn is_cut(&self) -> bool {
        self.left.load(Ordering::SeqCst) <= 0
    }
}

fn hand_on(mut from: TcpStream, mut to: TcpStream, left: &AtomicI64) {
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        let size = i64::try_from(read).unwrap();
        let before = left.fetch_sub(size, Ordering::SeqCst);
        // The very byte counts, so that a cut falls within a packet, too.
        let may = usize::try_from(before.clamp(0, size)).unwrap();
        if to.write_all(&piece[..may]).is_err() || may < read {
            break;
        }
    }
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}

//! The thin part around the core: the terminal, the clock, the daemon, the files.

mod attendant;
mod calls;
mod screen;
mod steady;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use convene_local_api::ProxyPasswordAnswer;
use convene_local_client::Client;
use convene_model::{CommandId, Timestamp};
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::message::{Answer, Call, Effect, Message};
use crate::os::{Endings, Returns, suspend};
use crate::state::App;
use crate::update::{due, update};
use crate::words::Words;

use self::attendant::{News, attend};
use self::screen::Screen;

/// Between two drawings of the screen: 30 times a second at most.
const FRAME: Duration = Duration::from_millis(33);
/// What the daemon said that is not taken yet. Behind that the daemon waits.
const NEWS_MAX: usize = 64;
/// Watches that are wanted and not begun yet: a person opens no more conferences while one answers.
const WISHES_MAX: usize = 64;

/// With what to begin.
pub(crate) struct Setup {
    pub(crate) sockets: Vec<PathBuf>,
    pub(crate) words: Words,
    /// The conference that is shown first.
    pub(crate) named: Option<String>,
}

/// Reads a variable of the environment.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The zone of this computer, or universal time where it names none.
pub(crate) fn zone() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Shows everything until the person has had enough. The terminal is as it was before, whatever
/// happens.
pub(crate) async fn run(setup: Setup) -> io::Result<()> {
    let Setup { sockets, words, named } = setup;
    let (mut endings, mut returns) = (Endings::new()?, Returns::new());
    let (tell, mut told) = mpsc::channel(NEWS_MAX);
    let (wishes, wished) = mpsc::channel(WISHES_MAX);
    let mut attendant = Box::pin(attend(sockets, tell, wished));
    let app = App::new(words, now(), named, || CommandId(Uuid::now_v7()));
    let mut shell = Shell::new(app, Screen::enter()?, wishes);
    let mut events = EventStream::new();
    let mut next_frame = Instant::now();
    let mut is_drawn = false;
    while !shell.is_over {
        if !is_drawn && next_frame <= Instant::now() {
            shell.draw();
            (is_drawn, next_frame) = (true, Instant::now() + FRAME);
        }
        let due = shell.due();
        let frame = Some(next_frame).filter(|frame| !is_drawn && *frame < due);
        tokio::select! {
            event = events.next(), if !shell.is_gone => shell.happened(event),
            () = endings.next() => shell.take(Message::Stop),
            () = returns.next() => shell.come_back(),
            Some(answer) = shell.calls.join_next() => shell.answered(answer),
            Some(news) = told.recv() => shell.news(news),
            () = &mut attendant => shell.is_over = true,
            () = sleep_until(frame.unwrap_or(due)) => {
                if frame.is_some() {
                    continue;
                }
                shell.take(Message::Tick);
            }
        }
        is_drawn = false;
    }
    Ok(())
}

/// The core, and everything that it has an effect on.
struct Shell {
    app: App,
    screen: Screen,
    /// The connection to the daemon, where there is one.
    client: Option<Client>,
    /// Calls whose answers have their place among what is told.
    wishes: mpsc::Sender<Call>,
    /// Calls whose answers are awaited.
    calls: JoinSet<Answer>,
    /// Logins that the daemon asks for.
    questions: BTreeMap<u64, oneshot::Sender<Option<ProxyPasswordAnswer>>>,
    last_question: u64,
    /// Whether the terminal is gone: what was typed is still kept.
    is_gone: bool,
    is_over: bool,
}

impl Shell {
    fn new(app: App, screen: Screen, wishes: mpsc::Sender<Call>) -> Self {
        let mut shell = Self {
            app,
            screen,
            client: None,
            wishes,
            calls: JoinSet::new(),
            questions: BTreeMap::new(),
            last_question: 0,
            is_gone: false,
            is_over: false,
        };
        shell.measure();
        shell
    }

    /// When time itself is news.
    fn due(&self) -> Instant {
        let rest = due(&self.app).as_millis().saturating_sub(now().as_millis());
        Instant::now() + Duration::from_millis(u64::try_from(rest).unwrap_or_default())
    }

    fn draw(&mut self) {
        if !self.is_gone && self.screen.draw(&self.app).is_err() {
            self.lose();
        }
    }

    /// The terminal is gone.
    fn lose(&mut self) {
        self.is_gone = true;
        self.take(Message::Stop);
    }

    fn take(&mut self, message: Message) {
        for effect in update(&mut self.app, message, now()) {
            self.carry_out(effect);
        }
    }

    /// Something that the terminal tells.
    fn happened(&mut self, event: Option<io::Result<Event>>) {
        match event {
            Some(Ok(Event::Key(key))) => self.take(Message::Key(key)),
            Some(Ok(Event::Paste(text))) => self.take(Message::Paste(text)),
            Some(Ok(Event::Mouse(mouse))) => self.take(Message::Mouse(mouse)),
            Some(Ok(Event::Resize(columns, rows))) => self.take(Message::Resize { columns, rows }),
            Some(Ok(Event::FocusGained | Event::FocusLost)) => {}
            Some(Err(_)) | None => self.lose(),
        }
    }

    fn news(&mut self, news: News) {
        match news {
            News::Attached(client) => {
                self.client = Some(client);
                self.take(Message::Attached);
            }
            News::Disconnected => {
                self.client = None;
                self.questions.clear();
                self.take(Message::Disconnected);
            }
            News::Away(away) => self.take(Message::Away(away)),
            News::Told(told) => self.take(Message::Told(told)),
            News::Answered(answer) => self.take(Message::Answered(answer)),
            News::Asked(asked, answer) => {
                self.last_question += 1;
                self.questions.insert(self.last_question, answer);
                self.take(Message::Asked(self.last_question, asked));
            }
        }
    }

    fn answered(&mut self, answer: Result<Answer, tokio::task::JoinError>) {
        if let Ok(answer) = answer {
            self.take(Message::Answered(Box::new(answer)));
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Call(call) => self.call(*call),
            Effect::Login(question, answer) => {
                if let Some(asked) = self.questions.remove(&question) {
                    // Where nobody waits for it any more, it is no news to anyone.
                    drop(asked.send(answer));
                }
            }
            Effect::UseMouse(uses) => self.screen.use_mouse(uses),
            Effect::Save { name, text } => {
                let saved = save(&name, &text).map_err(|error| error.to_string());
                self.take(Message::Saved(saved));
            }
            Effect::Suspend => self.suspend(),
            Effect::Quit => self.is_over = true,
        }
    }

    fn call(&mut self, call: Call) {
        if matches!(call, Call::Watch(_) | Call::Unwatch(_)) {
            // There is room for more than a person can want before the first one is answered.
            return drop(self.wishes.try_send(call));
        }
        // Without a connection it is made on the next one, where it still matters.
        if let Some(client) = self.client.clone() {
            self.calls.spawn(calls::make(client, call));
        }
    }

    /// Stops until the shell lets the program go on.
    fn suspend(&mut self) {
        self.screen.leave();
        // Where that is not possible the program simply goes on.
        drop(suspend());
        self.come_back();
    }

    /// Takes the terminal again, as it is now.
    fn come_back(&mut self) {
        match self.screen.enter_again(self.app.uses_mouse) {
            Ok(()) => self.measure(),
            Err(_) => self.lose(),
        }
    }

    fn measure(&mut self) {
        if let Ok((columns, rows)) = crossterm::terminal::size() {
            self.take(Message::Resize { columns, rows });
        }
    }
}

/// Writes a file that is not there yet into the current folder; gives its path.
fn save(name: &str, text: &str) -> io::Result<String> {
    let path = std::path::absolute(name)?;
    let mut file = File::create_new(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(path.display().to_string())
}

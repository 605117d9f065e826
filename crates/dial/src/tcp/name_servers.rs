//! Asking name servers ourselves where the system's resolver is silent: it asks one server after
//! the other and waits for each as long as `resolv.conf` says, five seconds by default. A browser
//! does not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, TYPE};
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use super::names::{ADDRESSES_MAX, Family};
use crate::net_watch;

/// How long the system's resolver is left alone: it answers within it, mostly, and knows more than
/// we do (its VPN, its host file).
const SYSTEM_SILENCE: Duration = Duration::from_millis(300);
/// Servers that are asked: no more does the system's resolver (MAXNS, resolv.conf(5)).
const SERVERS_MAX: usize = 3;
/// How long each question waits for its answer before it is asked again, and the last one before
/// that server is given up.
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// Bytes of an answer: what a server may send that was not told of more room (RFC 1035, section
/// 4.2.1), and some more.
const ANSWER_MAX: usize = 1_500;
/// Records in one section of an answer: more do not fit into [`ANSWER_MAX`].
const RECORDS_MAX: u16 = 128;
/// Where name servers listen.
const PORT: u16 = 53;

/// The name's addresses of that family, at least one and at most [`ADDRESSES_MAX`], as the first
/// server of the system's `resolv.conf` says that knows any. Waits a while before it asks, and for
/// ever where nobody knows: whether there is such a name is for the system's resolver to say.
/// Cancel safe.
pub(super) async fn find(name: &str, family: Family) -> Arc<[IpAddr]> {
    sleep(SYSTEM_SILENCE).await;
    // A name of one word is one of this network's, and the system's resolver knows what belongs
    // behind it; one of the link is not for name servers (RFC 6762, section 22.1).
    if name.contains('.') && !name.to_ascii_lowercase().trim_end_matches('.').ends_with(".local") {
        let servers = net_watch::name_servers().into_iter().take(SERVERS_MAX);
        let servers: Vec<_> = servers.map(|server| SocketAddr::new(server, PORT)).collect();
        if let Some(addresses) = ask(&servers, name, family).await {
            return addresses;
        }
    }
    std::future::pending().await
}

/// Asks all of them at once.
async fn ask(servers: &[SocketAddr], name: &str, family: Family) -> Option<Arc<[IpAddr]>> {
    let asked = servers.iter().map(|server| ask_one(*server, name, family));
    let mut asked: FuturesUnordered<_> = asked.collect();
    while let Some(answer) = asked.next().await {
        if let Some(addresses) = answer.filter(|addresses| !addresses.is_empty()) {
            return Some(addresses.into());
        }
    }
    None
}

/// Nothing where the server cannot be reached, or its answer says nothing.
async fn ask_one(server: SocketAddr, name: &str, family: Family) -> Option<Vec<IpAddr>> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // A port that nobody can guess (RFC 5452, section 9.2), and answers of this server alone.
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.connect(server).await.ok()?;
    let id = rand::random();
    let question = question(id, name, family)?;
    let mut bytes = [0; ANSWER_MAX];
    for wait in WAITS {
        socket.send(&question).await.ok()?;
        let answered = async {
            loop {
                let count = socket.recv(&mut bytes).await.ok()?;
                // A packet that is no answer to this question may be somebody's guess, and the
                // answer is still to come.
                if let Some(addresses) = read_answer(bytes.get(..count)?, id, name, family) {
                    return Some(addresses);
                }
            }
        };
        if let Ok(answer) = timeout(wait, answered).await {
            return answer;
        }
    }
    None
}

fn question(id: u16, name: &str, family: Family) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).ok()?;
    packet.questions.push(Question::new(name, type_of(family).into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

/// The addresses in an answer to this question, and `None` if it is none. One that says that there
/// are none, that was cut off, or that the server failed, has none. A resolver puts what an alias
/// leads to into the same answer (RFC 1034, section 4.3.1).
pub(crate) fn read_answer(bytes: &[u8], id: u16, name: &str, family: Family) -> Option<Vec<IpAddr>> {
    // The library makes room for as many records as the header says, before it looks for them.
    let mut counts = bytes.get(4..12)?.chunks_exact(2);
    if counts.any(|count| matches!(count, [high, low] if u16::from_be_bytes([*high, *low]) > RECORDS_MAX)) {
        return None;
    }
    let packet = Packet::parse(bytes).ok()?;
    let [question] = &packet.questions[..] else { return None };
    let is_whole = !packet.has_flags(PacketFlag::TRUNCATION);
    let is_ours = packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && question.qtype == type_of(family).into()
        && question.qname.to_string().eq_ignore_ascii_case(name.trim_end_matches('.'));
    let addresses = packet.answers.iter().filter_map(|record| match (&record.rdata, family) {
        (RData::A(a), Family::V4) => Some(Ipv4Addr::from(a.address).into()),
        (RData::AAAA(aaaa), Family::V6) => Some(Ipv6Addr::from(aaaa.address).into()),
        _ => None,
    });
    is_ours.then(|| addresses.filter(|_| is_whole).take(ADDRESSES_MAX).collect())
}

const fn type_of(family: Family) -> TYPE {
    match family {
        Family::V6 => TYPE::AAAA,
        Family::V4 => TYPE::A,
    }
}

#[cfg(test)]
mod tests {
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, CNAME};
    use tokio::task::JoinSet;

    use super::*;

    const NAME: &str = "conference.example";
    const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

    /// A resolver's answer about an alias and what it leads to.
    fn answer_to(question: &[u8]) -> Vec<u8> {
        let mut packet = Packet::parse(question).unwrap().into_reply();
        let (alias, target) = (Name::new("Conference.example").unwrap(), Name::new("host.example").unwrap());
        let records = [(alias, RData::CNAME(CNAME(target.clone()))), (target, RData::A(A::from(ADDRESS)))];
        let records = records.map(|(name, data)| ResourceRecord::new(name, CLASS::IN, 60, data));
        packet.answers.extend(records);
        packet.build_bytes_vec_compressed().unwrap()
    }

    /// Name servers that answer each question so; one says nothing where there is nothing to say.
    #[derive(Default)]
    struct Servers {
        addresses: Vec<SocketAddr>,
        answering: JoinSet<()>,
    }

    impl Servers {
        async fn with(mut self, answer: fn(&[u8]) -> Vec<Vec<u8>>) -> Self {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            self.addresses.push(socket.local_addr().unwrap());
            self.answering.spawn(async move {
                let mut bytes = [0; ANSWER_MAX];
                while let Ok((count, from)) = socket.recv_from(&mut bytes).await {
                    for answer in answer(&bytes[..count]) {
                        socket.send_to(&answer, from).await.unwrap();
                    }
                }
            });
            self
        }

        async fn say(&self) -> Option<Vec<IpAddr>> {
            ask(&self.addresses, NAME, Family::V4).await.map(|found| found.to_vec())
        }
    }

    #[tokio::test]
    async fn a_server_that_is_silent_holds_up_nobody() {
        let servers = Servers::default().with(|_| vec![]).await.with(|asked| vec![answer_to(asked)]).await;
        assert_eq!(servers.say().await, Some(vec![ADDRESS.into()]));
    }

    #[tokio::test]
    async fn what_answers_another_question_is_passed_over() {
        let servers = Servers::default().with(|asked| {
            let other = question(1, "other.example", Family::V4).unwrap();
            let mut guessed = answer_to(asked);
            guessed[0] ^= 1;
            vec![b"nonsense".to_vec(), asked.to_vec(), answer_to(&other), guessed, answer_to(asked)]
        });
        assert_eq!(servers.await.say().await, Some(vec![ADDRESS.into()]));
    }

    #[tokio::test]
    async fn a_server_that_knows_nothing_or_is_none_leaves_it_to_the_others() {
        let unknown =
            |asked: &[u8]| vec![Packet::parse(asked).unwrap().into_reply().build_bytes_vec().unwrap()];
        let mut servers = Servers::default().with(unknown).await;
        servers.addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 9)));
        assert_eq!(servers.say().await, None);
        let servers = servers.with(|asked| vec![answer_to(asked)]).await;
        assert_eq!(servers.say().await, Some(vec![ADDRESS.into()]));
    }

    #[test]
    fn an_answer_that_announces_more_than_fits_is_none() {
        let mut answer = answer_to(&question(7, NAME, Family::V4).unwrap());
        assert!(read_answer(&answer, 7, NAME, Family::V4).is_some());
        answer[2] |= 0x02;
        assert_eq!(
            read_answer(&answer, 7, NAME, Family::V4),
            Some(vec![]),
            "what was cut off counts for nothing"
        );
        answer[8..10].copy_from_slice(&u16::MAX.to_be_bytes());
        assert_eq!(read_answer(&answer, 7, NAME, Family::V4), None);
    }
}

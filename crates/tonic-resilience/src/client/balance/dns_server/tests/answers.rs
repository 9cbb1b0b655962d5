//! What Consul answers to a question.

use std::net::Ipv4Addr;

use hickory_resolver::proto::{
    op::{Edns, Message, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, SOA, SRV, TXT},
    },
};

/// One healthy server of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) address: Ipv4Addr,
    pub(super) port: u16,
    pub(super) priority: u16,
    pub(super) weight: u16,
}

impl Node {
    /// As Consul registers it: priority and weight are 1.
    pub(super) fn at(address: [u8; 4], port: u16) -> Self {
        Self {
            address: address.into(),
            port,
            priority: 1,
            weight: 1,
        }
    }
}

/// What the DNS server says.
#[derive(Debug)]
pub(super) struct Answers {
    /// The healthy servers of `user.service.consul`.
    pub(super) nodes: Vec<Node>,
    /// `dns_config.enable_truncate`.
    pub(super) enable_truncate: bool,
    /// The addresses of SRV targets are in the answer.
    pub(super) with_additionals: bool,
    /// Answers this to everything.
    pub(super) code: Option<ResponseCode>,
    /// Connections that are closed before the first answer: `usize::MAX` is no TCP at all.
    pub(super) tcp_refused: usize,
    /// Questions so far.
    pub(super) questions: usize,
}

impl Answers {
    /// Consul's own settings.
    pub(super) fn of(nodes: &[Node]) -> Self {
        Self {
            nodes: nodes.to_vec(),
            enable_truncate: false,
            with_additionals: true,
            code: None,
            tcp_refused: 0,
            questions: 0,
        }
    }

    /// The whole answer, as over TCP.
    pub(super) fn reply(&mut self, asked: &Message) -> Message {
        self.questions += 1;
        let query = asked.queries.first().expect("a query").clone();
        let mut reply = Message::response(asked.id, asked.op_code);
        reply.metadata.authoritative = true;
        reply.metadata.recursion_desired = asked.recursion_desired;
        reply.add_query(query.clone());
        if let Some(edns) = &asked.edns {
            let mut same = Edns::new();
            same.set_max_payload(edns.max_payload());
            reply.set_edns(same);
        }
        let name = query.name();
        if let Some(code) = self.code {
            reply.metadata.response_code = code;
        } else if is_service(name) && !self.nodes.is_empty() {
            self.answer(&mut reply, name, query.query_type());
        } else if let Some(node) = self.nodes.iter().find(|node| target(node) == *name) {
            if query.query_type() == RecordType::A {
                reply.add_answer(a(name, node));
            }
        } else {
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        if reply.answers.is_empty() {
            reply.add_authority(soa());
        }
        reply
    }

    fn answer(&self, reply: &mut Message, name: &Name, kind: RecordType) {
        for node in &self.nodes {
            match kind {
                RecordType::A => {
                    let record = a(name, node);
                    if !reply.answers.contains(&record) {
                        reply.add_answer(record);
                    }
                }
                RecordType::SRV => {
                    let data = SRV::new(node.priority, node.weight, node.port, target(node));
                    reply.add_answer(Record::from_rdata(name.clone(), 0, RData::SRV(data)));
                    if self.with_additionals {
                        let text = TXT::new(vec!["consul-network-segment=".to_owned()]);
                        let text = Record::from_rdata(target(node), 0, RData::TXT(text));
                        reply.add_additionals([a(&target(node), node), text]);
                    }
                }
                _ => {}
            }
        }
    }

    /// Leaves out what does not fit into a datagram.
    pub(super) fn over_udp(&mut self, asked: &Message) -> Message {
        let mut reply = self.reply(asked);
        let room = usize::from(asked.max_payload()) - 8;
        while reply.to_vec().expect("an answer").len() > room && reply.answers.len() > 1 {
            reply.answers.pop();
            reply.additionals.truncate(2 * reply.answers.len());
            reply.metadata.truncation = self.enable_truncate;
        }
        reply
    }
}

fn is_service(name: &Name) -> bool {
    let name = name.to_string();
    name == "user.service.consul." || name == "_user._tcp.service.consul."
}

/// `7f000001.addr.dc1.consul`, as Consul names the address of a service.
fn target(node: &Node) -> Name {
    if node.address.is_unspecified() {
        return Name::root();
    }
    let name = format!("{:08x}.addr.dc1.consul.", u32::from(node.address));
    Name::from_ascii(name).expect("a name")
}

fn a(name: &Name, node: &Node) -> Record {
    Record::from_rdata(name.clone(), 0, RData::A(A(node.address)))
}

fn soa() -> Record {
    let name = |text| Name::from_ascii(text).expect("a name");
    let (server, mail) = (name("ns.consul."), name("hostmaster.consul."));
    let data = SOA::new(server, mail, 1, 3600, 600, 86400, 0);
    Record::from_rdata(name("consul."), 0, RData::SOA(data))
}

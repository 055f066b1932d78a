//! A screen that knows the house by what it read once and what it heard since, by the rules of the web app: the
//! newer version wins, what was heard while a question was on its way is newer than its answer, and what bears a
//! name of something else is read again when that is renamed.

use std::collections::{BTreeMap, HashMap};

use hearth_hub::testing::hub::{Client, Heard, Socket};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, sleep};

use crate::{Dice, List, read_all};

/// A collection as a page keeps it.
#[derive(Default)]
struct Kept {
    known: List,
    heard: HashMap<String, u64>,
    count: u64,
}

fn id_of(item: &Value) -> String {
    item["id"].as_str().unwrap().to_owned()
}

fn version(it: &Value) -> i64 {
    it["version"].as_i64().unwrap_or_default()
}

fn newer(old: Option<&Value>, fresh: Value) -> Value {
    old.filter(|old| version(old) > version(&fresh)).cloned().unwrap_or(fresh)
}

impl Kept {
    fn take(&mut self, state: Value) {
        let id = id_of(&state);
        self.count += 1;
        self.heard.insert(id.clone(), self.count);
        let state = newer(self.known.get(&id), state);
        self.known.insert(id, state);
    }

    fn drop(&mut self, id: &str) {
        self.count += 1;
        self.heard.insert(id.to_owned(), self.count);
        self.known.remove(id);
    }

    fn take_all(&mut self, items: Vec<Value>, asked: u64) {
        let before = std::mem::take(&mut self.known);
        let later = |id: &str| self.heard.get(id).copied().unwrap_or_default() > asked;
        for item in items {
            let id = id_of(&item);
            let known = before.get(&id);
            if let Some(known) = known.filter(|known| later(&id) && version(known) >= version(&item)) {
                self.known.insert(id, known.clone());
            } else if known.is_some() || !later(&id) {
                self.known.insert(id, newer(known, item));
            }
        }
        for (id, state) in before {
            if later(&id) {
                self.known.entry(id).or_insert(state);
            }
        }
    }
}

/// What is on a screen, or what the house says.
#[derive(Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) lots: List,
    pub(crate) products: List,
    pub(crate) entries: List,
    pub(crate) questions: List,
    pub(crate) receipts: List,
}

impl Shown {
    fn lists(&self) -> [(&'static str, &List); 5] {
        let Shown { lots, products, entries, questions, receipts } = self;
        let [one, two] = [("lot", lots), ("product", products)];
        [one, two, ("entry", entries), ("question", questions), ("receipt", receipts)]
    }

    /// Insists on the same, thing by thing.
    pub(crate) fn is(&self, truth: &Shown, who: &str) {
        for ((what, seen), (_, true_ones)) in self.lists().into_iter().zip(truth.lists()) {
            for (id, truth) in true_ones {
                let seen = seen.get(id);
                assert_eq!(seen, Some(truth), "{what} {id} on {who}");
            }
            let more = seen.iter().find(|(id, _)| !true_ones.contains_key(*id));
            assert_eq!(more, None, "a {what} too many on {who}");
        }
    }
}

/// How much there is of a product in all lots follows from its lots.
fn lot(mut lot: Value) -> Value {
    lot.as_object_mut().unwrap().remove("product_quantity");
    lot
}

fn product(mut product: Value) -> Value {
    product.as_object_mut().unwrap().remove("level");
    product
}

/// A receipt as it stands in a list: what is on it is looked at elsewhere.
fn receipt(mut receipt: Value) -> Value {
    let fields = receipt.as_object_mut().unwrap();
    fields.remove("lines");
    fields.remove("text");
    receipt
}

fn by_id(items: impl IntoIterator<Item = Value>) -> List {
    items.into_iter().map(|item| (id_of(&item), item)).collect()
}

/// What the house says.
pub(crate) async fn truth(client: &Client) -> Shown {
    let answers = Answers::read(client.clone(), Question::Everything).await;
    Shown {
        lots: by_id(answers.lots),
        products: by_id(answers.products.unwrap_or_default()),
        entries: by_id(answers.entries),
        questions: by_id(answers.questions),
        receipts: by_id(answers.receipts),
    }
}

/// What is read again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// What bears names of other things.
    Names,
    Everything,
}

struct Answers {
    asked: BTreeMap<&'static str, u64>,
    lots: Vec<Value>,
    products: Option<Vec<Value>>,
    entries: Vec<Value>,
    questions: Vec<Value>,
    receipts: Vec<Value>,
}

impl Answers {
    async fn read(client: Client, question: Question) -> Answers {
        let products = if question == Question::Everything {
            let mut products = read_all(&client, "/api/products?state=active&limit=100").await;
            products.extend(read_all(&client, "/api/products?state=unknown&limit=100").await);
            Some(products.into_iter().map(product).collect())
        } else {
            None
        };
        let lots = read_all(&client, "/api/inventory?limit=100").await;
        Answers {
            asked: BTreeMap::new(),
            lots: lots.into_iter().map(lot).collect(),
            products,
            entries: read_all(&client, "/api/shopping?limit=500").await,
            questions: read_all(&client, "/api/questions?limit=500").await,
            receipts: read_all(&client, "/api/receipts?limit=500").await,
        }
    }
}

pub(crate) struct Screen {
    client: Client,
    dice: Dice,
    position: Option<(i64, String)>,
    lots: Kept,
    products: Kept,
    entries: Kept,
    questions: Kept,
    receipts: Kept,
    /// Whether a question is on its way, and what is to be asked after it.
    running: bool,
    next: Option<Question>,
    answers: mpsc::UnboundedSender<Answers>,
}

/// Why a connection is over.
enum Over {
    Dropped,
    Stopped,
}

impl Screen {
    pub(crate) fn new(client: Client, dice: Dice) -> Screen {
        Screen {
            client,
            dice,
            position: None,
            lots: Kept::default(),
            products: Kept::default(),
            entries: Kept::default(),
            questions: Kept::default(),
            receipts: Kept::default(),
            running: false,
            next: None,
            answers: mpsc::unbounded_channel().0,
        }
    }

    /// Watches until it is told to stop, and is at rest then.
    pub(crate) async fn follow(mut self, mut stop: watch::Receiver<bool>) -> Shown {
        let (sender, mut answers) = mpsc::unbounded_channel();
        self.answers = sender;
        while let Over::Dropped = self.watch(&mut stop, &mut answers).await {
            match self.dice.roll(8) {
                0 => self.position = None,
                1 => self.position = self.position.take().map(|(seq, _)| (seq, "another".to_owned())),
                _ => {}
            }
            sleep(Duration::from_millis(self.dice.roll(40))).await;
        }
        self.come_to_rest(&mut answers).await;
        let is_there = |lot: &Value| lot["quantity"].as_f64().unwrap() > 0.0;
        let in_use = |it: &Value| matches!(it["state"].as_str().unwrap(), "active" | "unknown");
        Shown {
            lots: by_id(self.lots.known.into_values().filter(is_there)),
            products: by_id(self.products.known.into_values().filter(in_use)),
            entries: self.entries.known,
            questions: self.questions.known,
            receipts: self.receipts.known,
        }
    }

    async fn connect(&self) -> Socket {
        let query = match &self.position {
            Some((seq, epoch)) => format!("?since={seq}&epoch={epoch}"),
            None => String::new(),
        };
        self.client.live(&query).await
    }

    async fn watch(
        &mut self,
        stop: &mut watch::Receiver<bool>,
        answers: &mut mpsc::UnboundedReceiver<Answers>,
    ) -> Over {
        let mut socket = self.connect().await;
        let asked = self.position.is_some();
        let mut patience = 20 + self.dice.roll(800);
        while patience > 0 {
            tokio::select! {
                stopped = stop.changed() => {
                    stopped.unwrap();
                    return Over::Stopped;
                }
                heard = socket.next() => match heard {
                    Heard::Frame(frame) => {
                        patience -= 1;
                        self.hear(&mut socket, frame, asked).await;
                    }
                    Heard::Nothing => {}
                    Heard::Closed(_) => return Over::Dropped,
                },
                Some(answer) = answers.recv() => self.take(answer),
            }
        }
        Over::Dropped
    }

    /// Catches up with all that was committed, and waits for what was asked.
    async fn come_to_rest(&mut self, answers: &mut mpsc::UnboundedReceiver<Answers>) {
        let mut socket = self.connect().await;
        let asked = self.position.is_some();
        let mut is_current = false;
        loop {
            if is_current && !self.running {
                return;
            }
            tokio::select! {
                Some(answer) = answers.recv() => self.take(answer),
                frame = socket.frame(), if !is_current => {
                    // Whatever was asked for before this is acknowledged has come by then.
                    let caught_up = match frame["type"].as_str().unwrap() {
                        "resumed" => Some(json!({ "ch": "house", "since": frame["data"]["to"], "epoch": frame["data"]["epoch"] })),
                        "snapshot" => Some(frame["data"].clone()),
                        "hello" if !asked => Some(json!({ "ch": "house" })),
                        _ => None,
                    };
                    is_current = frame["type"] == "ack";
                    self.hear(&mut socket, frame, asked).await;
                    if let Some(mut from) = caught_up {
                        let seq = from["seq"].clone();
                        if seq.is_i64() {
                            from["since"] = seq;
                        }
                        socket.say(json!({ "type": "subscribe", "cid": "last", "data": from })).await;
                    }
                }
            }
        }
    }

    async fn hear(&mut self, socket: &mut Socket, frame: Value, asked: bool) {
        match frame["type"].as_str().unwrap() {
            "hello" if !asked => {
                let heads = frame["data"]["heads"].as_array().unwrap();
                let head = heads.iter().find(|head| head["ch"] == "house").unwrap().clone();
                self.begin_anew(&head);
            }
            "snapshot" => self.begin_anew(&frame["data"]),
            "ping" => socket.say(json!({ "type": "pong" })).await,
            _ if frame["seq"].is_i64() => self.event(frame),
            _ => {}
        }
    }

    fn begin_anew(&mut self, head: &Value) {
        self.position = Some((head["seq"].as_i64().unwrap(), head["epoch"].as_str().unwrap().to_owned()));
        self.ask(Question::Everything);
    }

    fn event(&mut self, frame: Value) {
        let (seq, epoch) = (frame["seq"].as_i64().unwrap(), frame["epoch"].as_str().unwrap());
        match &self.position {
            Some((known, same)) if same == epoch && seq <= *known => return,
            Some((_, same)) if same != epoch => return self.begin_anew(&frame),
            _ => self.position = Some((seq, epoch.to_owned())),
        }
        let (kind, data) = (frame["type"].as_str().unwrap().to_owned(), frame["data"].clone());
        match kind.as_str() {
            "product.created" => self.products.take(product(data)),
            "product.updated" | "product.merged" | "product.archived" => {
                self.products.take(product(data));
                self.ask(Question::Names);
            }
            "place.updated" | "category.updated" | "category.archived" => self.ask(Question::Names),
            "shopping.cleared" => self.ask(Question::Names),
            "shopping.deleted" => self.entries.drop(frame["entity_id"].as_str().unwrap()),
            "question.opened" => self.questions.take(data),
            "question.closed" => self.questions.drop(frame["entity_id"].as_str().unwrap()),
            "receipt.deleted" => self.receipts.drop(frame["entity_id"].as_str().unwrap()),
            _ if kind.starts_with("receipt.") => self.receipts.take(receipt(data)),
            _ if kind.starts_with("inventory.") => self.lots.take(lot(data)),
            _ if kind.starts_with("shopping.") => self.entries.take(data),
            _ => {}
        }
    }

    /// One question is on its way at a time; who asks meanwhile is answered by one more.
    fn ask(&mut self, question: Question) {
        if self.running {
            self.next = self.next.max(Some(question));
            return;
        }
        self.running = true;
        let asked = [
            ("lots", self.lots.count),
            ("products", self.products.count),
            ("entries", self.entries.count),
            ("questions", self.questions.count),
            ("receipts", self.receipts.count),
        ];
        let (client, answers) = (self.client.clone(), self.answers.clone());
        tokio::spawn(async move {
            let read = Answers::read(client, question).await;
            drop(answers.send(Answers { asked: asked.into(), ..read }));
        });
    }

    fn take(&mut self, answers: Answers) {
        if let Some(products) = answers.products {
            self.products.take_all(products, answers.asked["products"]);
        }
        self.lots.take_all(answers.lots, answers.asked["lots"]);
        self.entries.take_all(answers.entries, answers.asked["entries"]);
        self.questions.take_all(answers.questions, answers.asked["questions"]);
        self.receipts.take_all(answers.receipts, answers.asked["receipts"]);
        self.running = false;
        if let Some(next) = self.next.take() {
            self.ask(next);
        }
    }
}

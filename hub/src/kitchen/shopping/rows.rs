//! Entries as rows, and the list as it is read.

use super::*;

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) product_id: Option<ProductId>,
    pub(super) name: String,
    pub(super) quantity: Option<Amount>,
    pub(super) unit: String,
    pub(super) priority: Priority,
    pub(super) category_id: Option<CategoryId>,
    pub(super) note: String,
    pub(super) automatic: bool,
    pub(super) added_by: String,
    pub(super) checked_at: Option<Timestamp>,
    pub(super) checked_by: String,
    pub(super) bought_quantity: Option<Amount>,
    pub(super) bought_unit: String,
    pub(super) put_away_at: Option<Timestamp>,
    pub(super) fingerprint: String,
    pub(super) deleted_at: Option<Timestamp>,
    pub(super) changed_in: ChangedIn,
    pub(super) version: i64,
}
crate::row!(Kept {
    product_id,
    name,
    quantity,
    unit,
    priority,
    category_id,
    note,
    automatic,
    added_by,
    checked_at,
    checked_by,
    bought_quantity,
    bought_unit,
    put_away_at,
    fingerprint,
    deleted_at,
    changed_in,
    version
});

impl Kept {
    /// An entry of somebody's, with nothing in it yet.
    pub(super) fn new(added_by: String) -> Kept {
        let first = 1;
        Kept {
            product_id: None,
            name: String::new(),
            quantity: None,
            unit: String::new(),
            priority: Priority::Normal,
            category_id: None,
            note: String::new(),
            automatic: false,
            added_by,
            checked_at: None,
            checked_by: String::new(),
            bought_quantity: None,
            bought_unit: String::new(),
            put_away_at: None,
            fingerprint: String::new(),
            deleted_at: None,
            changed_in: ChangedIn {
                product: first,
                name: first,
                quantity: first,
                priority: first,
                category: first,
                note: first,
                checked: first,
            },
            version: first,
        }
    }

    pub(super) fn tick(&mut self, tx: &Tx) {
        (self.checked_at, self.checked_by) = (Some(tx.now()), tx.actor().key());
    }

    /// Wanted again: nothing of it was bought.
    pub(super) fn untick(&mut self) {
        (self.checked_at, self.checked_by, self.put_away_at) = (None, String::new(), None);
        (self.bought_quantity, self.bought_unit) = (None, String::new());
    }

    /// Whether what is wanted is the same, bought or not.
    pub(super) fn says_the_same(&self, other: &Kept) -> bool {
        let said = |it: &Kept| {
            (
                it.product_id,
                it.name.clone(),
                it.quantity,
                it.unit.clone(),
                it.priority,
                it.category_id,
                it.note.clone(),
            )
        };
        said(self) == said(other)
    }

    /// Raises the version, and notes which fields it changes.
    pub(super) fn number(&mut self, before: &Kept) {
        self.version = before.version + 1;
        let version = self.version;
        let note = |differs: bool, field: &mut i64| {
            if differs {
                *field = version;
            }
        };
        let changed = &mut self.changed_in;
        note(self.product_id != before.product_id, &mut changed.product);
        note(self.name != before.name, &mut changed.name);
        note((self.quantity, &self.unit) != (before.quantity, &before.unit), &mut changed.quantity);
        note(self.priority != before.priority, &mut changed.priority);
        note(self.category_id != before.category_id, &mut changed.category);
        note(self.note != before.note, &mut changed.note);
        note(self.checked_at.is_some() != before.checked_at.is_some(), &mut changed.checked);
    }
}

pub(super) fn kept(tx: &Tx, id: EntryId) -> Result<Option<Kept>> {
    tx.maybe(
        sql!(
            "SELECT product_id, name, quantity, unit, priority, category_id, note, automatic, added_by,
                 checked_at, checked_by, bought_quantity, bought_unit, put_away_at, fingerprint, deleted_at,
                 changed_in, version
             FROM shopping WHERE id = $1"
        ),
        (id,),
    )
}

pub(super) fn insert(tx: &mut Tx, id: EntryId, kept: &Kept) -> Result<()> {
    let (now, name_key) = (tx.now(), kept.name.to_lowercase());
    tx.run(
        sql!(
            "INSERT INTO shopping (id, product_id, name, name_key, quantity, unit, priority, category_id, note,
                 automatic, added_by, added_at, fingerprint, changed_in)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        vec![
            id.bind(),
            kept.product_id.bind(),
            kept.name.bind(),
            name_key.bind(),
            kept.quantity.bind(),
            kept.unit.bind(),
            kept.priority.bind(),
            kept.category_id.bind(),
            kept.note.bind(),
            kept.automatic.bind(),
            kept.added_by.bind(),
            now.bind(),
            kept.fingerprint.bind(),
            kept.changed_in.bind(),
        ],
    )?;
    Ok(())
}

pub(super) fn save(tx: &mut Tx, id: EntryId, kept: &Kept) -> Result<()> {
    let name_key = kept.name.to_lowercase();
    tx.run(
        sql!(
            "UPDATE shopping SET product_id = $2, name = $3, name_key = $4, quantity = $5, unit = $6,
                 priority = $7, category_id = $8, note = $9, automatic = $10, added_by = $11, checked_at = $12,
                 checked_by = $13, bought_quantity = $14, bought_unit = $15, put_away_at = $16,
                 changed_in = $17, version = $18
             WHERE id = $1"
        ),
        vec![
            id.bind(),
            kept.product_id.bind(),
            kept.name.bind(),
            name_key.bind(),
            kept.quantity.bind(),
            kept.unit.bind(),
            kept.priority.bind(),
            kept.category_id.bind(),
            kept.note.bind(),
            kept.automatic.bind(),
            kept.added_by.bind(),
            kept.checked_at.bind(),
            kept.checked_by.bind(),
            kept.bought_quantity.bind(),
            kept.bought_unit.bind(),
            kept.put_away_at.bind(),
            kept.changed_in.bind(),
            kept.version.bind(),
        ],
    )?;
    Ok(())
}

/// The entries about a product that are on the list, the oldest first.
pub(super) fn of_product(tx: &Tx, product: ProductId) -> Result<Vec<EntryId>> {
    let found: Vec<(EntryId,)> = tx.all(
        sql!("SELECT id FROM shopping WHERE product_id = $1 AND deleted_at IS NULL ORDER BY added_at, id"),
        (product,),
    )?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

impl FromRow for Entry {
    fn from_row(row: &Row<'_>) -> Result<Entry> {
        let some = |word: String| Some(word).filter(|word| !word.is_empty());
        Ok(Entry {
            id: row.get("id")?,
            product_id: row.get("product_id")?,
            name: row.get("name")?,
            quantity: row.get("quantity")?,
            unit: row.get("unit")?,
            priority: row.get("priority")?,
            category_id: row.get("category_id")?,
            category_name: row.get("category_name")?,
            aisle: row.get("aisle")?,
            category_chosen: row.get("category_chosen")?,
            note: row.get("note")?,
            automatic: row.get("automatic")?,
            added_by: row.get("added_by")?,
            added_at: row.get("added_at")?,
            checked: row.get::<Option<Timestamp>>("checked_at")?.is_some(),
            checked_at: row.get("checked_at")?,
            checked_by: some(row.get("checked_by")?),
            bought_quantity: row.get("bought_quantity")?,
            bought_unit: some(row.get("bought_unit")?),
            put_away_at: row.get("put_away_at")?,
            changed_in: row.get("changed_in")?,
            version: row.get("version")?,
        })
    }
}

/// An entry as people see it, whether or not it is still on the list.
pub fn find(tx: &Tx, id: EntryId) -> Result<Option<Entry>> {
    tx.maybe(
        sql!(
            "SELECT s.id, s.product_id, COALESCE(NULLIF(s.name, ''), p.name, '') AS name, s.quantity, s.unit,
                 s.priority, c.id AS category_id, c.name AS category_name, c.position AS aisle,
                 s.category_id IS NOT NULL AS category_chosen, s.note, s.automatic, s.added_by, s.added_at,
                 s.checked_at, s.checked_by, s.bought_quantity, s.bought_unit, s.put_away_at, s.changed_in,
                 s.version
             FROM shopping s LEFT JOIN products p ON p.id = s.product_id
                 LEFT JOIN categories c ON c.id = COALESCE(s.category_id, p.category_id)
             WHERE s.id = $1"
        ),
        (id,),
    )
}

/// Where an entry stands in the list: what is open before what was bought, along the aisles, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    pub bought: i64,
    pub aisle: i64,
    pub category: String,
    pub name: String,
    pub id: String,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}

impl std::str::FromStr for Spot {
    type Err = serde_json::Error;
    fn from_str(text: &str) -> Result<Spot, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// An entry in its place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub entry: Entry,
    pub spot: Spot,
}

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Listed> {
        let entry = Entry::from_row(row)?;
        let spot = Spot {
            bought: row.get("bought")?,
            aisle: row.get("spot_aisle")?,
            category: row.get("spot_category")?,
            name: row.get("spot_name")?,
            id: entry.id.to_string(),
        };
        Ok(Listed { entry, spot })
    }
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    All,
    Open,
    Bought,
    /// What is open and urgent.
    Urgent,
}

/// A page of the list, after `after`.
pub fn page(tx: &Tx, filter: Filter, after: Option<&Spot>, limit: i64) -> Result<Vec<Listed>> {
    let (open, bought) = (filter != Filter::Bought, matches!(filter, Filter::All | Filter::Bought));
    let begin =
        Spot { bought: -1, aisle: -1, category: String::new(), name: String::new(), id: String::new() };
    let after = after.unwrap_or(&begin);
    tx.all(
        sql!(
            "SELECT s.id, s.product_id, COALESCE(NULLIF(s.name, ''), p.name, '') AS name, s.quantity, s.unit,
                 s.priority, c.id AS category_id, c.name AS category_name, c.position AS aisle,
                 s.category_id IS NOT NULL AS category_chosen, s.note, s.automatic, s.added_by, s.added_at,
                 s.checked_at, s.checked_by, s.bought_quantity, s.bought_unit, s.put_away_at, s.changed_in,
                 s.version,
                 CAST(CASE WHEN s.checked_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS bought,
                 COALESCE(c.position, 1000000000000) AS spot_aisle, COALESCE(c.id, '') AS spot_category,
                 COALESCE(NULLIF(s.name_key, ''), p.search_key, '') AS spot_name
             FROM shopping s LEFT JOIN products p ON p.id = s.product_id
                 LEFT JOIN categories c ON c.id = COALESCE(s.category_id, p.category_id)
             WHERE s.deleted_at IS NULL AND ((s.checked_at IS NULL AND $1) OR (s.checked_at IS NOT NULL AND $2))
                 AND (s.priority = 'urgent' OR $3)
                 AND (CAST(CASE WHEN s.checked_at IS NULL THEN 0 ELSE 1 END AS BIGINT),
                      COALESCE(c.position, 1000000000000), COALESCE(c.id, ''),
                      COALESCE(NULLIF(s.name_key, ''), p.search_key, ''), s.id) > ($4, $5, $6, $7, $8)
             ORDER BY bought, spot_aisle, spot_category, spot_name, s.id LIMIT $9"
        ),
        (
            open,
            bought,
            filter != Filter::Urgent,
            after.bought,
            after.aisle,
            &after.category,
            &after.name,
            &after.id,
            limit,
        ),
    )
}

// The shapes that travel between the app and the house. Made from the API's description by a test
// (hub/src/http/openapi/types.rs); not written by hand.

export interface AcceptBody {
  house_name?: string;
  language?: Language;
  name?: string;
  password?: string;
  time_zone?: string;
  token: string;
}

export type ActId = string;

export interface AllergensSaid {
  allergens: string[];
  version: number;
}

export type Answer = 'bought' | 'not-used' | 'explained';

export interface AnyPortion {
  place_id?: PlaceId;
  product_master_id: ProductId;
  quantity: number;
  reason?: string;
  unit?: string;
}

export interface Asked {
  id: QuestionId;
  open: boolean;
  text: string;
}

export interface Attention {
  below_minimum: number;
  best_before: Dates;
  day: string;
  inbox: number;
  missing: Missing[];
  open_questions: number;
  questions: Question[];
  too_slow: Forecast[];
  use_by: Dates;
  within: number;
}

export interface Authority {
  expires_at: string;
  fingerprint: string;
  name: string;
}

export interface Backup {
  bytes: number;
  made_at: string;
  name: string;
}

export type BackupWish = Record<string, unknown>;

export interface Backups {
  awaited: boolean;
  command: string;
  folder: string;
  here: boolean;
  items: Backup[];
  keep: number;
  next_at?: string;
}

export type BaseUnit = 'piece' | 'g' | 'ml';

export interface Begun {
  job_id: JobId;
}

export interface Broker {
  address?: string;
  state: BrokerState;
  topic?: string;
  trouble?: string;
}

export type BrokerState = 'off' | 'beginning' | 'elsewhere' | 'up' | 'down';

export interface CalendarAccess {
  created_at?: string;
}

export interface CalendarKey {
  created_at: string;
  path: string;
}

export interface Carry {
  place_id: PlaceId;
  quantity?: number;
  unit?: string;
}

export interface Catalogue {
  answers: CatalogueAnswers;
  file?: CatalogueFile;
  import?: CatalogueImport;
  service?: string;
  source: CatalogueSource;
  trouble?: string;
}

export interface CatalogueAnswers {
  absent: number;
  failed: number;
  found: number;
  looking: number;
}

export interface CatalogueContent {
  amount: number;
  parts?: number;
  unit: BaseUnit;
}

export interface CatalogueFacts {
  allergens?: string[];
  brand?: string;
  categories?: string[];
  content?: CatalogueContent;
  image?: string;
  language?: string;
  names?: Record<string, unknown>;
  nutrition?: CatalogueNutrition;
  quantity_text?: string;
  traces?: string[];
}

export interface CatalogueFile {
  bytes: number;
  countries: string[];
  languages: string[];
  made_at: string;
  name: string;
  products: number;
}

export interface CatalogueImport {
  begun_at: string;
  countries: string;
  detail: string;
  ended_at?: string;
  id: ImportId;
  kept: number;
  languages: string;
  name: string;
  percent: number;
  read_rows: number;
  reason: string;
  state: ImportState;
  told_at: string;
}

export interface CatalogueNutrition {
  carbohydrates_mg?: number;
  energy_kj?: number;
  fat_mg?: number;
  fibre_mg?: number;
  per: BaseUnit;
  protein_mg?: number;
  salt_mg?: number;
  saturated_fat_mg?: number;
  sugars_mg?: number;
}

export interface CatalogueSource {
  licence: string;
  licence_url: string;
  name: string;
  url: string;
}

export interface Category {
  archived_at?: string;
  id: CategoryId;
  name: Name;
  position: number;
  version: number;
  warning_days?: number;
}

export interface CategoryChange {
  name?: string;
  position?: number;
  version: number;
  warning_days?: number;
}

export type CategoryId = string;

export interface CategoryWish {
  name: string;
  position?: number;
  warning_days?: number;
}

export interface ChangedIn {
  category: number;
  checked: number;
  name: number;
  note: number;
  priority: number;
  product: number;
  quantity: number;
}

export interface Chore {
  kind: string;
  last_at?: string;
  name: string;
  next_at: string;
  rhythm: string;
}

export interface ClaimWish {
  cookie?: boolean;
}

export interface Claimed {
  device: Device;
  token?: string;
}

export interface Cleared {
  deleted: number;
}

export type CodeKey = string;

export interface CodeWish {
  amount?: number;
  code: string;
  note?: string;
}

export interface Confirmation {
  same?: SamePaper;
  unknown?: UnknownItems;
  version?: number;
}

export interface Counted {
  quantity: number;
  unit?: string;
}

export interface Counts {
  failed: number;
  running: number;
  waiting: number;
}

export interface Dates {
  due_soon: number;
  expired: number;
  over: DueItem[];
  soon: DueItem[];
}

export interface Decoded {
  accepted: boolean;
  batch?: string;
  elements: DecodedElement[];
  expiry?: DecodedExpiry;
  gtin?: string;
  kind: string;
  labels: DecodedLabel[];
  problems: string[];
  products: DecodedProduct[];
  serial?: string;
}

export interface DecodedElement {
  ai: string;
  problem?: string;
  title: string;
  value: string;
}

export interface DecodedExpiry {
  date: string;
  kind: string;
}

export interface DecodedLabel {
  currency?: string;
  decimals: number;
  item: string;
  says: string;
  shop: string;
  value: number;
}

export interface DecodedProduct {
  product: Product;
  quantity: number;
}

export interface DemoCleared {
  acts: number;
  categories: number;
  entries: number;
  places: number;
  products: number;
}

export interface DemoLarder {
  entries: number;
  products: number;
  state: LarderState;
}

export interface Device {
  address: string;
  id: DeviceId;
  kind: DeviceKind;
  last_seen_at?: string;
  name: Name;
  online: boolean;
  paired_at: string;
  paired_by?: MemberId;
  place: string;
  program: string;
  revoked_at?: string;
  revoked_by?: MemberId;
  version: number;
}

export interface DeviceChange {
  name?: string;
  place?: string;
  version: number;
}

export type DeviceId = string;

export type DeviceKind = 'station' | 'screen';

export interface DeviceWish {
  code: string;
  name: string;
  place?: string;
}

export interface Difference {
  lot_id: LotId;
  place_id: PlaceId;
  quantity: number;
}

export interface Done {
  act_id: ActId;
  after: number;
  before: number;
  lots: Lot[];
  missing: number;
  movements: Movement[];
  product_id: ProductId;
  unit: BaseUnit;
}

export interface DueItem {
  days_left: number;
  due_on: string;
  estimated: boolean;
  kind: DueKind;
  lot_id: LotId;
  place: string;
  place_id: PlaceId;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  unit: BaseUnit;
}

export type DueKind = 'best-before' | 'use-by';

export interface Engine {
  name: string;
  schema: number;
  version: string;
}

export interface Enriched {
  facts?: CatalogueFacts;
  gtin: string;
  name?: string;
  next_at?: string;
  origin?: Origin;
  picture?: MediaId;
  reason?: string;
  source?: CatalogueSource;
  state: Known;
}

export interface Entry {
  added_at: string;
  added_by: string;
  aisle?: number;
  automatic: boolean;
  bought_quantity?: number;
  bought_unit?: string;
  category_chosen: boolean;
  category_id?: CategoryId;
  category_name?: string;
  changed_in: ChangedIn;
  checked: boolean;
  checked_at?: string;
  checked_by?: string;
  id: EntryId;
  name: string;
  note: string;
  priority: Priority;
  product_id?: ProductId;
  put_away_at?: string;
  quantity?: number;
  unit: string;
  version: number;
}

export interface EntryChange {
  category_id?: CategoryId;
  checked?: boolean;
  name?: string;
  note?: string;
  priority?: Priority;
  product_id?: ProductId;
  quantity?: number;
  unit?: string;
  version?: number;
}

export type EntryId = string;

export interface EntryWish {
  category_id?: CategoryId;
  id?: EntryId;
  name?: string;
  note?: string;
  priority?: Priority;
  product_id?: ProductId;
  quantity?: number;
  unit?: string;
}

export type ExportFile = 'places.csv' | 'categories.csv' | 'units.csv' | 'products.csv' | 'product-units.csv' | 'codes.csv' | 'product-joins.csv' | 'scans.csv' | 'lots.csv' | 'acts.csv' | 'movements.csv' | 'questions.csv' | 'shopping.csv' | 'receipts.csv' | 'receipt-lines.csv' | 'stocktakes.csv' | 'stocktake-lines.csv' | 'prices.csv';

export interface Facts {
  allergens?: string[];
  nutrition?: Nutrition;
}

export type Flaw = 'required' | 'too-short' | 'too-long' | 'bad-characters' | 'out-of-range' | 'not-a-number' | 'too-fine' | 'impossible-date' | 'impossible-time' | 'bad-address' | 'gone';

export interface Forecast {
  days_left?: number;
  per_week?: number;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  text: string;
  unit: BaseUnit;
  wasted: number;
}

export interface FoundProduct {
  amount: number;
  product: ProductBody;
}

export type GroupId = string;

export type Grouping = 'product';

export interface Health {
  status: string;
}

export interface HealthPart {
  detail: string;
  facts: Record<string, unknown>;
  name: string;
  status: HealthState;
  took_ms: number;
}

export interface HealthReport {
  checked_at: string;
  parts?: HealthPart[];
  status: HealthState;
  version?: string;
}

export type HealthState = 'ok' | 'warn' | 'down';

export interface History {
  prices: PastPrice[];
  product_id: ProductId;
  unit: BaseUnit;
  weeks: PastWeek[];
}

export interface House {
  created_at: string;
  demo: boolean;
  id: HouseId;
  language: Language;
  name: Name;
  time_zone: string;
  version: number;
  warning_days: number;
}

export interface HouseChange {
  language?: Language;
  name?: string;
  time_zone?: string;
  version: number;
}

export type HouseId = string;

export type ImportId = string;

export type ImportState = 'importing' | 'imported' | 'failed';

export interface InPlace {
  place_id: PlaceId;
  place_name: string;
  quantity: number;
}

export type InUse = 'active';

export interface InboxAnswer {
  outcome?: Outcome;
  product?: Product;
}

export interface InboxEntry {
  brought?: Product[];
  candidates: Product[];
  code: string;
  earlier: number;
  id: string;
  kind: string;
  name: string;
  scans: KeptScan[];
  since: string;
  source?: string;
  times: number;
}

export type Inventory = Page_Lot | Page_StockOfProduct;

export interface Invite {
  created_at: string;
  created_by?: MemberId;
  expires_at: string;
  id: LinkId;
  role: Role;
}

export interface InviteMade {
  invite: Invite;
  url: string;
}

export interface InviteWish {
  role: Role;
}

export interface Job {
  actor: string;
  attempts: number;
  due_at?: string;
  enqueued_at: string;
  id: JobId;
  kind: string;
  reason?: JobReason;
  request: string;
  since_at: string;
  state: JobState;
}

export type JobId = string;

export interface JobReason {
  code: string;
  detail: string;
}

export type JobState = 'waiting' | 'running' | 'failed';

export interface KeptScan {
  code: string;
  happened_at: string;
  id: string;
  kind: string;
  quantity?: number;
  station?: string;
  undone: boolean;
  unit?: string;
}

export type KeyWish = Record<string, unknown>;

export type Known = 'found' | 'looking' | 'absent' | 'failed' | 'off';

export type LabelFile = 'commands.pdf' | 'commands.svg' | 'scanner-test.pdf' | 'scanner-test.svg' | 'places.pdf' | 'places.svg' | 'people.pdf' | 'people.svg' | 'lots.pdf' | 'lots.svg';

export type Language = 'en' | 'de';

export type LarderState = 'possible' | 'here' | 'not-empty';

export interface LineBody {
  arrives?: number;
  best_before?: string;
  ignored?: boolean;
  place_id?: PlaceId;
  product_id?: ProductId;
  quantity?: number;
  total?: number;
  unit?: PrintedUnit;
  version: number;
  wording?: string;
}

export type LineId = string;

export type LineKind = 'item' | 'discount' | 'deposit' | 'tax' | 'rounding';

export interface LineWish {
  arrives?: number;
  best_before?: string;
  code?: string;
  for_all?: boolean;
  kind?: LineKind;
  place_id?: PlaceId;
  product_id?: ProductId;
  quantity?: number;
  total: number;
  unit?: PrintedUnit;
  wording: string;
}

export interface Link {
  expires_at: string;
  house_name?: Name;
  name?: Name;
  purpose: Purpose;
  role: Role;
}

export type LinkId = string;

export interface LinkMade {
  expires_at: string;
  id: LinkId;
  url: string;
}

export interface LinkToken {
  token: string;
}

export interface Lookup {
  code: CodeKey;
  inside: FoundProduct[];
  products: FoundProduct[];
  said: string;
}

export interface Lot {
  batch?: string;
  best_before?: string;
  brand?: string;
  category_id?: CategoryId;
  estimated: boolean;
  frozen: boolean;
  id: LotId;
  opened_at?: string;
  picture?: MediaId;
  place_id: PlaceId;
  place_name: string;
  price?: Paid;
  product_master_id: ProductId;
  product_name: string;
  product_quantity: number;
  quantity: number;
  received_at: string;
  serial?: string;
  unit: BaseUnit;
  use_by?: string;
  version: number;
}

export interface LotChange {
  batch?: string;
  best_before?: string;
  price?: PaidWish;
  quantity?: number;
  serial?: string;
  unit?: string;
  use_by?: string;
  version: number;
}

export type LotId = string;

export interface Me {
  id: MemberId;
  language: Language;
  name: Name;
  role: Role;
  theme: Theme;
  version: number;
}

export interface Media {
  bytes: number;
  created_at: string;
  height: number;
  id: MediaId;
  kind: MediaKind;
  owner?: string;
  small_url?: string;
  thumb_url?: string;
  url: string;
  visibility: Visibility;
  width: number;
}

export type MediaId = string;

export type MediaKind = 'jpeg' | 'png' | 'pdf';

export type MediaSize = 'full' | 'thumb' | 'small';

export interface Member {
  id: MemberId;
  joined_at: string;
  language: Language;
  last_seen_at?: string;
  name: Name;
  revoked_at?: string;
  role: Role;
  theme: Theme;
  version: number;
}

export interface MemberAllergens {
  allergens: string[];
  member_id: MemberId;
  version: number;
}

export interface MemberChange {
  name?: string;
  role?: Role;
  version: number;
}

export type MemberId = string;

export interface MergeWish {
  into: ProductId;
}

export interface Missing {
  minimum: number;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  unit: BaseUnit;
}

export type Mode = 'add' | 'consume' | 'open' | 'spoil' | 'shop' | 'count' | 'transfer' | 'lookup';

export interface ModeChange {
  all?: boolean;
  back_after_seconds?: number;
  mode?: string;
  name?: string;
  person_id?: string;
  place_id?: string;
  station_id?: string;
  usual_mode?: string;
  usual_place_id?: string;
  version?: number;
}

export interface Movement {
  act_id: ActId;
  actor: string;
  group_id: GroupId;
  happened_at: string;
  id: MovementId;
  kind: string;
  lot_id: LotId;
  person_id?: MemberId;
  place_id: PlaceId;
  place_name: string;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  reason?: string;
  recorded_at: string;
  station?: string;
  total: number;
  undone_by?: ActId;
  unit: BaseUnit;
}

export type MovementId = string;

export type Name = string;

export interface NamedCode {
  code: string;
  name: string;
  product_id?: string;
  quantity?: number;
  unit?: string;
}

export interface Names {
  after?: string;
  codes: NamedCode[];
  language?: string;
  more: boolean;
  next: number;
  people: ScanItem[];
  places: ScanItem[];
  whole: boolean;
}

export interface NewLineBody {
  line: LineWish;
  version: number;
}

export interface NewLot {
  batch?: string;
  best_before?: string;
  initial_quantity: number;
  place_id?: PlaceId;
  price?: PaidWish;
  product_master_id: ProductId;
  serial?: string;
  unit?: string;
  use_by?: string;
}

export type Nothing = Record<string, unknown>;

export interface NotificationChoice {
  about: Topic;
  when: When;
}

export interface NotificationPreferences {
  choices: NotificationChoice[];
  digest_at: string;
  mail?: string;
  mail_possible: boolean;
  quiet?: QuietHours;
  version: number;
}

export interface NotificationSent {
  job: JobId;
}

export interface NotificationTest {
  webhook?: WebhookId;
}

export interface Nutrition {
  carbohydrate_mg?: number;
  energy_kcal?: number;
  energy_kj?: number;
  fat_mg?: number;
  fibre_mg?: number;
  protein_mg?: number;
  salt_mg?: number;
  saturates_mg?: number;
  sugars_mg?: number;
}

export type Origin = 'file' | 'service';

export interface Outcome {
  after?: number;
  before?: number;
  expiry?: Until;
  lines?: string[];
  lot?: string;
  problem?: Refusal;
  product?: ScanItem;
  scan_id: string;
  setting?: Setting;
  status: Status;
  tone: Tone;
  unit?: string;
  warnings?: string[];
}

export interface Paid {
  currency: string;
  minor: number;
  quantity: number;
}

export interface PaidWish {
  currency: string;
  minor: number;
}

export interface Pairing {
  address: string;
  created_at: string;
  expires_at: string;
  id: PairingId;
  kind: DeviceKind;
  name: string;
  program: string;
}

export type PairingId = string;

export interface PairingMade {
  code: string;
  expires_at: string;
  language: Language;
  pairing_id: PairingId;
  poll_seconds: number;
  secret: string;
}

export interface PairingState {
  device_id?: DeviceId;
  expires_at: string;
  state: Stage;
}

export interface PairingWish {
  device_id: string;
  kind: DeviceKind;
  name?: string;
  version?: string;
}

export interface PasswordChange {
  current: string;
  new: string;
}

export interface PastPrice {
  currency: string;
  day: string;
  minor: number;
  quantity: number;
  shop?: string;
}

export interface PastScan {
  code: string;
  happened_at: string;
  id: string;
  mode: Mode;
  outcome: Outcome;
  person_id?: MemberId;
  quantity?: number;
  received_at: string;
  reversible: boolean;
  undone: boolean;
}

export interface PastWeek {
  begins: string;
  spoiled: number;
  used: number;
}

export type PatternId = string;

export interface PatternLesson {
  checked?: boolean;
  currency?: string;
  digits?: number;
  labels: PrintedLabel[];
  shop: string;
}

export type Payment = 'cash' | 'card' | 'voucher';

export interface Place {
  archived_at?: string;
  id: PlaceId;
  kind: PlaceKind;
  name: Name;
  position: number;
  version: number;
}

export interface PlaceChange {
  kind?: PlaceKind;
  name?: string;
  position?: number;
  version: number;
}

export type PlaceId = string;

export type PlaceKind = 'pantry' | 'fridge' | 'freezer' | 'other';

export interface PlaceWish {
  kind?: PlaceKind;
  name: string;
  position?: number;
}

export interface Portion {
  quantity: number;
  reason?: string;
  unit?: string;
}

export interface PreferencesChange {
  choices?: NotificationChoice[];
  digest_at?: string;
  mail?: string;
  quiet?: QuietHours;
  version: number;
}

export interface Preview {
  after: number;
  before: number;
  changes: Difference[];
  missing: number;
  product_id: ProductId;
  product_name: string;
  unit: BaseUnit;
}

export interface PrintedLabel {
  code: string;
  count?: number;
  price?: number;
  weight?: number;
}

export type PrintedUnit = 'piece' | 'kg' | 'g' | 'l' | 'ml' | 'lb';

export type Priority = 'urgent' | 'normal' | 'low';

export interface ProblemBody {
  code: string;
  current?: unknown;
  detail: string;
  errors?: ProblemField[];
  request_id?: string;
  retry_after?: number;
  status: number;
  title: string;
  type: string;
}

export interface ProblemField {
  code?: Flaw;
  detail: string;
  pointer: string;
}

export interface Product {
  base_unit: BaseUnit;
  brand: string;
  category_id?: CategoryId;
  created_at: string;
  due_kind: DueKind;
  frozen_days?: number;
  id: ProductId;
  merged_into?: ProductId;
  minimum: number;
  name: string;
  note: string;
  opened_days?: number;
  pack_size: number;
  picture?: MediaId;
  place_id?: PlaceId;
  shelf_days?: number;
  source: string;
  state: ProductState;
  thawed_days?: number;
  version: number;
}

export interface ProductBody {
  base_unit: BaseUnit;
  brand: string;
  category_id?: CategoryId;
  codes: ProductCode[];
  created_at: string;
  due_kind: DueKind;
  facts: Facts;
  frozen_days?: number;
  id: ProductId;
  level: ProductLevel;
  merged_into?: ProductId;
  minimum: number;
  name: string;
  note: string;
  opened_days?: number;
  pack_size: number;
  picture?: MediaId;
  place_id?: PlaceId;
  shelf_days?: number;
  source: string;
  state: ProductState;
  thawed_days?: number;
  units: ProductUnitBody[];
  version: number;
}

export interface ProductChange {
  base_unit?: BaseUnit;
  brand?: string;
  category_id?: CategoryId;
  due_kind?: DueKind;
  facts?: Facts;
  frozen_days?: number;
  minimum?: number;
  name?: string;
  note?: string;
  opened_days?: number;
  pack_size?: number;
  picture?: MediaId;
  place_id?: PlaceId;
  shelf_days?: number;
  state?: InUse;
  thawed_days?: number;
  units?: ProductUnitWish[];
  version: number;
}

export interface ProductCode {
  amount?: number;
  code: CodeKey;
  created_at: string;
  note: string;
}

export type ProductId = string;

export interface ProductLevel {
  due_on?: string;
  lots: number;
  opened: number;
  quantity: number;
  unit: BaseUnit;
}

export type ProductState = 'active' | 'unknown' | 'archived' | 'merged';

export interface ProductUnitBody {
  name: string;
  per: number;
  quantity: number;
}

export interface ProductUnitWish {
  name: string;
  per?: number;
  quantity: number;
}

export interface ProductWish {
  base_unit?: BaseUnit;
  brand?: string;
  category_id?: CategoryId;
  codes?: CodeWish[];
  due_kind?: DueKind;
  facts?: Facts;
  frozen_days?: number;
  minimum?: number;
  name: string;
  note?: string;
  opened_days?: number;
  pack_size?: number;
  picture?: MediaId;
  place_id?: PlaceId;
  shelf_days?: number;
  thawed_days?: number;
  units?: ProductUnitWish[];
}

export interface ProfileChange {
  language?: Language;
  name?: string;
  theme?: Theme;
  version: number;
}

export interface PurchaseWish {
  best_before?: string;
  place_id?: PlaceId;
  price?: PaidWish;
  put_away?: boolean;
  quantity?: number;
  unit?: string;
  use_by?: string;
}

export interface Purchased {
  entry: Entry;
  lot_id?: LotId;
  movement_id?: MovementId;
}

export type Purpose = 'setup' | 'invite' | 'reset' | 'sign-in';

export interface Question {
  answer: string;
  closed_at?: string;
  happened_at: string;
  id: QuestionId;
  kind: string;
  opened_at: string;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  unit: BaseUnit;
}

export type QuestionId = string;

export interface QuietHours {
  from: string;
  until: string;
}

export interface Reach {
  authority?: Authority;
  secure_url?: string;
  tls: string;
}

export interface Receipt {
  confirmed_at?: string;
  created_at: string;
  currency: string;
  cut: boolean;
  day?: string;
  difference?: number;
  id: ReceiptId;
  line_count: number;
  lines?: ReceiptLine[];
  lines_total: number;
  media_id?: MediaId;
  media_url?: string;
  payment?: Payment;
  problem?: ReceiptProblem;
  reader: string;
  shop: string;
  source: ReceiptSource;
  state: ReceiptState;
  taken_back?: Reversal;
  text?: string;
  time?: string;
  total?: number;
  version: number;
  voided: number;
}

export interface ReceiptChange {
  currency?: string;
  day?: string;
  shop?: string;
  time?: string;
  total?: number;
  version: number;
}

export type ReceiptId = string;

export interface ReceiptLine {
  arrives?: number;
  base_unit?: BaseUnit;
  best_before?: string;
  code?: string;
  confidence: number;
  doubtful: boolean;
  for_all?: boolean;
  id: LineId;
  ignored: boolean;
  kind: LineKind;
  lot_id?: LotId;
  paid?: number;
  place_id?: PlaceId;
  position: number;
  product_id?: ProductId;
  product_name?: string;
  quantity: number;
  reason: string;
  total: number;
  unit: PrintedUnit;
  unit_price?: number;
  wording: string;
}

export interface ReceiptProblem {
  code: string;
  detail: string;
}

export type ReceiptSource = 'picture' | 'document' | 'text' | 'hand';

export type ReceiptState = 'processing' | 'completed' | 'failed' | 'confirmed';

export interface ReceiptWish {
  currency?: string;
  day?: string;
  lines?: LineWish[];
  shop?: string;
  text?: string;
  time?: string;
  total?: number;
}

export interface Refusal {
  code: string;
  detail: string;
}

export interface Reply {
  answer: Answer;
}

export type Reversal = 'part' | 'all';

export type Role = 'owner' | 'member' | 'staff';

export type SamePaper = 'refuse' | 'book';

export interface Saying {
  another?: boolean;
  base_unit?: BaseUnit;
  brand?: string;
  category_id?: CategoryId;
  due_kind?: DueKind;
  each?: number;
  frozen_days?: number;
  into?: ProductId;
  minimum?: number;
  name?: string;
  nothing?: boolean;
  opened_days?: number;
  pack_size?: number;
  place_id?: PlaceId;
  shelf_days?: number;
  thawed_days?: number;
}

export interface ScanItem {
  id: string;
  name: string;
}

export interface Scanned {
  code: string;
  mode?: Mode;
  monotonic_ms?: number;
  person_id?: string;
  place_id?: string;
  quantity?: number;
  scan_id: string;
  scanned_at?: string;
  seq?: number;
  shop?: string;
  station_id?: string;
  symbology?: string;
  undoes?: string;
  unit?: string;
}

export interface ScanningStation {
  back_after_seconds: number;
  id: string;
  last_scan_at?: string;
  mode: string;
  name: string;
  person_id?: MemberId;
  place_id?: PlaceId;
  quantity?: number;
  queued: number;
  until_at?: string;
  usual_mode: string;
  usual_place_id?: PlaceId;
  version: number;
}

export interface ScanningStations {
  items: ScanningStation[];
}

export interface Session {
  device?: Device;
  house?: House;
  me?: Me;
  state: SessionState;
}

export type SessionId = string;

export type SessionState = 'signed-in' | 'signed-out' | 'setup';

export interface Setting {
  mode: Mode;
  person_id?: string;
  place_id?: string;
  until?: string;
}

export interface ShopPattern {
  checked: boolean;
  currency?: string;
  decimals: number;
  digits: number;
  id: PatternId;
  prefix: string;
  says: string;
  shop: Name;
  taught_at: string;
}

export interface SignIn {
  name: string;
  password: string;
}

export interface SignedIn {
  created_at: string;
  current: boolean;
  device: string;
  id: SessionId;
  last_seen_at: string;
}

export type Stage = 'waiting' | 'confirmed' | 'refused' | 'expired';

export type Standing = 'counted' | 'uncounted' | 'unnamed' | 'archived';

export type State = 'open' | 'committed' | 'dropped' | 'undone';

export type Status = 'applied' | 'duplicate' | 'unknown' | 'question' | 'mode' | 'undone' | 'info' | 'refused';

export interface Stocktake {
  begun_at: string;
  begun_by: string;
  begun_by_name?: string;
  ended_at?: string;
  group_id?: GroupId;
  id: StocktakeId;
  lines: number;
  place_id: PlaceId;
  place_name: string;
  state: State;
  version: number;
}

export interface StocktakeCommit {
  uncounted?: Uncounted;
  version?: number;
}

export interface StocktakeCommitted {
  counted: number;
  different: number;
  left_out: number;
  stocktake: Stocktake;
  waiting: number;
}

export interface StocktakeCount {
  batch?: string;
  best_before?: string;
  counted?: number;
  counted_at?: string;
  product_id: ProductId;
  quantity?: number;
  unit?: string;
  use_by?: string;
}

export interface StocktakeCounted {
  line: StocktakeLine;
  stocktake: Stocktake;
}

export interface StocktakeEntry {
  after: number;
  believed: number;
  brand?: string;
  counted?: number;
  difference: number;
  lines: StocktakeLine[];
  lots: StocktakeLot[];
  moved: number;
  pack_size: number;
  product_id: ProductId;
  product_name: string;
  standing: Standing;
  unit: BaseUnit;
}

export type StocktakeId = string;

export interface StocktakeLine {
  batch?: string;
  best_before?: string;
  counted_at: string;
  counted_by: string;
  id: StocktakeLineId;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  unit: BaseUnit;
  use_by?: string;
  version: number;
}

export interface StocktakeLineChange {
  quantity: number;
  unit?: string;
  version: number;
}

export type StocktakeLineId = string;

export interface StocktakeLot {
  after: number;
  batch?: string;
  before: number;
  best_before?: string;
  lot_id?: LotId;
  use_by?: string;
}

export interface StocktakeScan {
  code: string;
  quantity?: number;
  scan_id: string;
  scanned_at?: string;
  station_id?: string;
  symbology?: string;
  unit?: string;
}

export interface StocktakeWish {
  place_id: PlaceId;
}

export interface Story {
  items: StoryEntry[];
  next?: string;
  product_id: ProductId;
  product_name: string;
  quantity: number;
  unit: BaseUnit;
  why: string;
}

export interface StoryEntry {
  act_id: ActId;
  happened_at: string;
  id: MovementId;
  kind: string;
  quantity: number;
  question?: Asked;
  reason?: string;
  recorded_at: string;
  station?: string;
  text: string;
  together?: number;
  total: number;
  undone: boolean;
  who: string;
}

export interface SyncAnswer {
  acknowledged: string[];
  outcomes: Outcome[];
}

export interface SyncRequest {
  boot_id?: string;
  monotonic_ms?: number;
  queued?: number;
  scans: Scanned[];
  station_id?: string;
}

export interface System {
  command: string;
  demo: boolean;
  engine: Engine;
  live_clients: number;
  mqtt: Broker;
  redis: string;
  started_at: string;
  uptime_seconds: number;
  version: string;
}

export type TakenBack = Preview | Record<string, unknown> | Done | Record<string, unknown>;

export type Theme = 'system' | 'light' | 'dark';

export interface Ticket {
  expires_at: string;
  ticket: string;
}

export type Tone = 'ok' | 'warn' | 'bad';

export type Topic = 'due-soon' | 'expired' | 'below-minimum' | 'question' | 'receipt-failed' | 'station-offline' | 'job-failed' | 'backup-failed';

export type Uncounted = 'leave' | 'gone';

export interface UndoWish {
  scan_id: string;
  station_id?: string;
  undoes?: string;
}

export interface UnitBody {
  id?: UnitId;
  name: string;
  per: number;
  quantity: number;
  unit: BaseUnit;
  version?: number;
  words?: string[];
}

export interface UnitChange {
  name?: string;
  per?: number;
  quantity?: number;
  version: number;
}

export type UnitId = string;

export interface UnitWish {
  name: string;
  per?: number;
  quantity: number;
  unit: BaseUnit;
}

export type UnknownItems = 'refuse' | 'ignore';

export interface Until {
  date: string;
  estimated: boolean;
  kind: string;
}

export type Visibility = 'house' | 'public';

export interface WarningChange {
  version: number;
  warning_days: number;
}

export interface Webhook {
  created_at: string;
  id: WebhookId;
  kinds: string[];
  name: string;
  paused: boolean;
  url: string;
  version: number;
}

export interface WebhookChange {
  kinds?: Topic[];
  name?: string;
  paused?: boolean;
  url?: string;
  version: number;
}

export type WebhookId = string;

export interface WebhookMade {
  secret: string;
  webhook: Webhook;
}

export interface WebhookWish {
  kinds: Topic[];
  name: string;
  url: string;
}

export type When = 'off' | 'digest' | 'at-once';

export interface Work {
  chores: Chore[];
  jobs: Counts;
  time_zone: string;
}

export interface Page<T> { items: T[]; next?: string }
export interface Head { ch: string; seq: number; epoch: string }
export interface Frame extends Head { type: string; timestamp: string; entity_id: string; data: any }
export interface Changes { items: Frame[]; head: Head; next?: string }

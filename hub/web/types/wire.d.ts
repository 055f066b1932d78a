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

export type Answer = 'bought' | 'not-used' | 'explained';

export type AnyPortion = unknown;

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

export type CategoryId = string;

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

export interface Counted {
  quantity: number;
  unit?: string;
}

export interface Counts {
  failed: number;
  running: number;
  waiting: number;
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

export type GroupId = string;

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

export interface House {
  created_at: string;
  demo: boolean;
  id: HouseId;
  language: Language;
  name: Name;
  time_zone: string;
  version: number;
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

export type Known = 'found' | 'looking' | 'absent' | 'failed' | 'off';

export type Language = 'en' | 'de';

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

export interface Lot {
  batch?: string;
  best_before?: string;
  brand?: string;
  estimated: boolean;
  frozen: boolean;
  id: LotId;
  opened_at?: string;
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

export interface MemberChange {
  name?: string;
  role?: Role;
  version: number;
}

export type MemberId = string;

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

export type Origin = 'file' | 'service';

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

export type PlaceId = string;

export interface Portion {
  quantity: number;
  reason?: string;
  unit?: string;
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
  detail: string;
  pointer: string;
}

export type ProductId = string;

export interface ProfileChange {
  language?: Language;
  name?: string;
  theme?: Theme;
  version: number;
}

export interface PurchaseWish {
  quantity?: number;
  unit?: string;
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

export interface Reach {
  authority?: Authority;
  secure_url?: string;
  tls: string;
}

export interface Reply {
  answer: Answer;
}

export type Role = 'owner' | 'member' | 'staff';

export interface Session {
  device?: Device;
  house?: House;
  me?: Me;
  state: SessionState;
}

export type SessionId = string;

export type SessionState = 'signed-in' | 'signed-out' | 'setup';

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

export interface System {
  demo: boolean;
  engine: Engine;
  live_clients: number;
  redis: string;
  started_at: string;
  uptime_seconds: number;
  version: string;
}

export type TakenBack = Preview | Done | Record<string, unknown>;

export type Theme = 'system' | 'light' | 'dark';

export interface Ticket {
  expires_at: string;
  ticket: string;
}

export type Visibility = 'house' | 'public';

export interface Work {
  chores: Chore[];
  jobs: Counts;
  time_zone: string;
}

export interface Page<T> { items: T[]; next?: string }
export interface Head { ch: string; seq: number; epoch: string }
export interface Frame extends Head { type: string; timestamp: string; entity_id: string; data: any }
export interface Changes { items: Frame[]; head: Head; next?: string }

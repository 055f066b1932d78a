// The shapes that travel between the app and the house.

export type Role = 'owner' | 'member' | 'staff';
export type Language = 'en' | 'de';
export type Theme = 'system' | 'light' | 'dark';

export interface Me { id: string; name: string; role: Role; language: Language; theme: Theme; version: number }
export interface House { id: string; name: string; language: Language; time_zone: string; version: number; created_at: string }
export interface Session { state: 'signed-in' | 'signed-out' | 'setup'; me?: Me | null; house?: House | null }

export interface Link {
  purpose: 'setup' | 'invite' | 'reset' | 'sign-in';
  role?: Role | null;
  name?: string | null;
  house_name?: string | null;
  expires_at: string;
}
export interface LinkMade { id: string; url: string; expires_at: string }

export interface Member {
  id: string;
  name: string;
  role: Role;
  language: Language;
  theme: Theme;
  joined_at: string;
  last_seen_at?: string | null;
  revoked_at?: string | null;
  version: number;
}
export interface Invite { id: string; role: Role; created_by?: string | null; created_at: string; expires_at: string }
export interface InviteMade { invite: Invite; url: string }
export interface SignedIn { id: string; device: string; created_at: string; last_seen_at: string; current: boolean }

export interface System {
  version: string;
  engine: { name: string; version: string; schema: number | string };
  live_clients: number;
  started_at: string;
  uptime_seconds: number;
  demo: boolean;
  redis: 'off' | 'up' | 'down';
}

export interface Page<T> { items: T[]; next?: string | null }

export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { pointer: string; detail: string }[];
  current?: unknown;
  retry_after?: number;
}

export interface Head { ch: string; seq: number; epoch: string }
export interface Frame extends Head { type: string; timestamp: string; entity_id: string; data: any }
export interface Changes { items: Frame[]; head: Head }

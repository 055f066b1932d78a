-- Indexes that no statement reads, and every scan wrote. Places are never deleted, so nobody asks what names one.

DROP INDEX acts_by_scan;
DROP INDEX lots_by_place;
DROP INDEX movements_by_place;
DROP INDEX levels_there;
DROP INDEX levels_by_change;

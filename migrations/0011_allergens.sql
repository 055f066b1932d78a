-- What people of the house must not eat.

CREATE TABLE member_allergens (
    member_id TEXT NOT NULL REFERENCES members (id),
    allergen TEXT NOT NULL,
    PRIMARY KEY (member_id, allergen)
);

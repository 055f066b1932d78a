-- Finding products by what somebody types. schema.sql says what each column means.

CREATE TABLE product_words (
    word TEXT NOT NULL,
    product_id TEXT NOT NULL REFERENCES products (id),
    PRIMARY KEY (word, product_id)
);
CREATE INDEX product_words_by_product ON product_words (product_id);

CREATE TABLE search_words (
    word TEXT NOT NULL PRIMARY KEY,
    backwards TEXT NOT NULL
);
CREATE INDEX search_words_backwards ON search_words (backwards);

CREATE TABLE search_forms (
    form TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (form, word)
);
CREATE INDEX search_forms_by_word ON search_forms (word);

CREATE INDEX products_aside ON products (state, search_key, id) WHERE state <> 'active';

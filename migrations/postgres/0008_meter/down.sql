ALTER TABLE inbox DROP COLUMN search_id;
DROP TABLE search_hit;
DROP TABLE brand_search;
DROP TABLE rate_limit;
DROP TABLE allowance;
DROP TABLE paid_item;
DROP TABLE expense;

-- Version 3: lists of many thousand experiments read small rows only. An experiment's row holds its
-- plan, so each fills a page of the file.

DROP INDEX experiments_by_age;
CREATE INDEX experiments_of_list ON experiments (
    created DESC, id, name, strategy, status, outcome, reason, dataset, digest, parent, program_version
);
CREATE INDEX keeping_of_deleted ON keeping (deleted) WHERE deleted IS NOT NULL;

-- The pages of the history have room for one small new row each, and a backlog that is spread over them one by one is counted
-- page by page. With a tenth kept free for their own updates, new rows lie beside each other.
alter table image set (fillfactor = 90);

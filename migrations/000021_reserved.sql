select 1; -- reserved

-- Reserved.
select;

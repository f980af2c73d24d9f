DROP INDEX answer_on_member_page;

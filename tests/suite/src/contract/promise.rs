//! Every promise by its name, once; whoever keeps them turns each into a test of its own.

/// What a table promises. `$check! { $half: file { promise ... } ... }` makes the tests.
macro_rules! of_a_table {
    ($check:ident, $half:ident) => {
        $check! { $half:
            create {
                a_filled_job_reads_back_as_it_was
                a_bare_job_reads_back_as_it_was
                a_second_create_finds_the_first_job_and_writes_nothing
                of_many_creates_of_one_id_exactly_one_creates
                another_workspace_sees_nothing_of_a_job
            }
            commit {
                a_commit_moves_the_row_and_adds_its_record
                a_commit_drops_what_the_job_no_longer_has
                a_commit_adds_what_the_job_did_not_have
                a_commit_from_a_stale_row_writes_nothing
                a_commit_from_before_a_claim_of_the_start_writes_nothing
                a_commit_of_a_job_that_is_not_there_writes_nothing
                a_commit_takes_a_new_response_along
                a_commit_that_puts_a_known_response_writes_nothing
                a_response_is_settled_once_however_sure_its_cost_is
                a_response_that_is_not_there_cannot_be_settled
                of_many_commits_from_one_version_exactly_one_is_done
                a_commit_keeps_what_was_confirmed_meanwhile
            }
            claim {
                of_many_claims_of_one_row_exactly_one_is_done
                of_many_claims_that_look_alike_exactly_one_is_done
                a_claim_moves_the_clock_and_nothing_else
                a_claim_keeps_what_was_confirmed_meanwhile
                a_claim_of_a_row_that_moved_on_is_stale
                a_claim_of_a_job_that_is_not_there_is_stale_or_fails
                a_claim_that_saw_a_resting_job_before_its_confirmation_leaves_it_its_deadline
            }
            confirm {
                versions_are_confirmed_without_a_gap
                a_version_is_confirmed_once
                a_version_that_does_not_exist_is_not_confirmed
                a_confirmation_moves_nothing_but_what_is_published
            }
            response {
                a_response_row_reads_back_as_it_was
                a_new_response_row_is_written_once
                of_many_puts_of_one_new_response_exactly_one_is_done
                a_response_row_is_replaced_only_as_it_was_seen
                a_settled_response_row_stays_as_it_is
                a_series_of_looks_is_begun_once
            }
            breaker {
                a_circuit_without_a_row_has_seen_no_trouble
                a_breaker_reads_back_as_it_was
                of_many_writes_of_one_breaker_exactly_one_is_done
                circuits_do_not_touch_each_other
            }
            people {
                a_workspace_without_a_row_has_never_changed
                a_member_reads_back_and_its_change_is_a_version
                the_memberships_of_a_person_are_those_of_the_workspaces_they_are_in
                of_many_changes_from_one_version_exactly_one_is_done
                changes_are_confirmed_without_a_gap_and_then_nothing_is_due
                of_many_claims_of_one_workspace_exactly_one_is_done
                only_who_is_an_admin_at_that_moment_changes_a_member
                a_decision_counts_only_while_its_people_are_reviewers
                notes_come_in_the_order_of_their_decisions
            }
            types {
                a_type_that_was_never_set_is_not_there
                a_type_reads_back_in_each_of_its_versions
                a_version_of_a_type_is_written_once
                of_many_versions_from_one_state_exactly_one_is_done
                only_who_is_an_admin_at_that_moment_sets_a_type
                the_latest_version_of_each_name_is_listed
                the_records_of_a_workspace_come_in_order
            }
            due {
                what_is_due_is_found_and_nothing_else
                a_claim_takes_its_job_out_of_what_is_due
                what_owes_nothing_any_more_leaves_what_is_due
                a_transition_without_a_hint_takes_its_job_out_of_what_is_due
                a_small_limit_finds_the_earliest
                every_one_of_two_hundred_jobs_is_found
            }
            list {
                a_list_is_newest_first
                a_span_of_time_begins_with_its_first_moment_and_ends_before_its_last
                the_oldest_first_is_the_same_list_from_its_other_end
                pages_of_any_size_show_every_job_once
                an_open_list_leaves_out_what_is_over
                a_job_that_ends_leaves_the_open_list
                a_list_shows_its_own_workspace_only
                a_creators_list_shows_their_own_whatever_becomes_of_them
            }
        }
    };
}

/// What a place for payloads promises.
macro_rules! of_payloads {
    ($check:ident, $half:ident) => {
        $check! { $half:
            payload {
                payloads_of_every_size_read_back_as_they_were
                the_same_content_twice_does_no_harm
                a_payload_that_is_not_there_is_none
                erased_payloads_are_gone_and_those_of_other_jobs_are_not
            }
        }
    };
}

/// What a memory of notices promises.
macro_rules! of_notices {
    ($check:ident, $half:ident) => {
        $check! { $half:
            notice {
                of_many_claims_of_one_event_exactly_one_is_given
                a_claim_is_free_when_its_lease_is_over
                what_people_know_is_never_claimed_again
                events_of_one_job_and_of_others_do_not_touch_each_other
            }
        }
    };
}

//! The tables as diesel knows them. A test holds this file against both migrated databases.

diesel::table! {
    change (id) {
        id -> BigInt,
        kind -> Text,
        post_id -> BigInt,
        question_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    feed (id) {
        id -> BigInt,
        epoch -> Text,
        demo -> BigInt,
    }
}

diesel::table! {
    submission (token) {
        token -> Text,
        place -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    member (id) {
        id -> BigInt,
        handle -> Text,
        name -> Text,
        email -> Text,
        email_key -> Text,
        title -> Text,
        role -> Text,
        password_hash -> Text,
        created_at -> BigInt,
        banned_until -> Nullable<BigInt>,
        ban_reason -> Nullable<Text>,
        confirmed_at -> Nullable<BigInt>,
        bio -> Text,
        bio_html -> Text,
        photo -> Nullable<Text>,
        label -> Nullable<Text>,
        left_at -> Nullable<BigInt>,
        totp_secret -> Nullable<Text>,
        totp_since -> Nullable<BigInt>,
        totp_step -> Nullable<BigInt>,
        reputation -> BigInt,
        trusted_at -> Nullable<BigInt>,
        trust_by_staff -> BigInt,
        mail_key -> Nullable<Text>,
        follows_own -> BigInt,
    }
}

diesel::table! {
    session (id) {
        id -> BigInt,
        token_hash -> Text,
        member_id -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        seen_at -> Nullable<BigInt>,
        agent -> Text,
        address -> Text,
    }
}

diesel::table! {
    topic (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        description -> Text,
        position -> BigInt,
        two_person -> BigInt,
        hold_first -> BigInt,
        hold_links -> BigInt,
        revision -> BigInt,
    }
}

diesel::table! {
    question (id) {
        id -> BigInt,
        topic_id -> Nullable<BigInt>,
        member_id -> Nullable<BigInt>,
        remote_author_id -> Nullable<BigInt>,
        origin -> Nullable<Text>,
        title -> Text,
        body -> Text,
        body_html -> Text,
        score -> BigInt,
        answer_count -> BigInt,
        verified_answer_id -> Nullable<BigInt>,
        removed_at -> Nullable<BigInt>,
        created_at -> BigInt,
        activity_at -> BigInt,
        merged_into -> Nullable<BigInt>,
        hidden_as -> Nullable<Text>,
        locked_at -> Nullable<BigInt>,
        locked_reason -> Nullable<Text>,
        private -> BigInt,
        affected -> BigInt,
        accepted_count -> BigInt,
        revision -> BigInt,
        closed_at -> Nullable<BigInt>,
        closed_reason -> Nullable<Text>,
    }
}

diesel::table! {
    answer (id) {
        id -> BigInt,
        question_id -> BigInt,
        member_id -> Nullable<BigInt>,
        remote_author_id -> Nullable<BigInt>,
        origin -> Nullable<Text>,
        body -> Text,
        body_html -> Text,
        revision -> BigInt,
        score -> BigInt,
        removed_at -> Nullable<BigInt>,
        created_at -> BigInt,
        worked -> BigInt,
        broken -> BigInt,
        vouched -> Nullable<BigInt>,
        hidden_as -> Nullable<Text>,
        accepted_at -> Nullable<BigInt>,
        helped -> BigInt,
        not_helped -> BigInt,
        accepted_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    comment (id) {
        id -> BigInt,
        question_id -> BigInt,
        answer_id -> Nullable<BigInt>,
        member_id -> Nullable<BigInt>,
        remote_author_id -> Nullable<BigInt>,
        origin -> Nullable<Text>,
        body -> Text,
        body_html -> Text,
        removed_at -> Nullable<BigInt>,
        created_at -> BigInt,
        hidden_as -> Nullable<Text>,
        revision -> BigInt,
    }
}

diesel::table! {
    vote (id) {
        id -> BigInt,
        member_id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
        value -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    network_app (id) {
        id -> BigInt,
        network -> Text,
        client_id -> Text,
        client_secret -> Nullable<Text>,
        api_key -> Nullable<Text>,
        signing_secret -> Text,
        earlier_signing_secret -> Nullable<Text>,
        app_token -> Nullable<Text>,
        webhook_id -> Nullable<Text>,
        webhook_url -> Nullable<Text>,
        webhook_valid_at -> Nullable<BigInt>,
        events_until -> Nullable<BigInt>,
        upkeep_due_at -> BigInt,
        findings -> Nullable<Text>,
        checked_at -> Nullable<BigInt>,
        generation -> BigInt,
        created_at -> BigInt,
        may_answer_late -> BigInt,
    }
}

diesel::table! {
    access_attempt (state_hash) {
        state_hash -> Text,
        network -> Text,
        session_hash -> Text,
        secret -> Text,
        handle -> Text,
        created_at -> BigInt,
        step -> Text,
    }
}

diesel::table! {
    channel (id) {
        id -> BigInt,
        network -> Text,
        remote_id -> Text,
        handle -> Text,
        mode -> Text,
        topic_id -> Nullable<BigInt>,
        state -> Text,
        paused_until -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        mentions_since -> Nullable<Text>,
        own_since -> Nullable<Text>,
        poll_due_at -> BigInt,
        created_at -> BigInt,
        messages_since -> Nullable<Text>,
        messages_due_at -> BigInt,
        messages_trouble -> Nullable<Text>,
        messages_paused_until -> Nullable<BigInt>,
        access_token -> Nullable<Text>,
        refresh_token -> Nullable<Text>,
        token_expires_at -> Nullable<BigInt>,
        scopes -> Text,
        generation -> BigInt,
        token_since -> Nullable<BigInt>,
        refresh_lease_until -> Nullable<BigInt>,
        refresh_due_at -> Nullable<BigInt>,
        access_problem -> Nullable<Text>,
        disconnected_at -> Nullable<BigInt>,
        findings -> Nullable<Text>,
        checked_at -> Nullable<BigInt>,
        failures -> BigInt,
        failing_since -> Nullable<BigInt>,
        longest_post -> Nullable<BigInt>,
    }
}

diesel::table! {
    lost_access (channel_id) {
        channel_id -> BigInt,
        mend -> Nullable<Text>,
        renewal_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    inbox (id) {
        id -> BigInt,
        channel_id -> BigInt,
        source -> Text,
        body -> Binary,
        received_at -> BigInt,
        state -> Text,
        due_at -> BigInt,
        lease_until -> Nullable<BigInt>,
        attempts -> BigInt,
        reason -> Nullable<Text>,
        search_id -> Nullable<BigInt>,
        refusals -> BigInt,
    }
}

diesel::table! {
    picture (hash) {
        hash -> Text,
        bytes -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    remote_author (id) {
        id -> BigInt,
        network -> Text,
        scope -> Text,
        remote_id -> Text,
        handle -> Text,
        name -> Text,
        followers -> Nullable<BigInt>,
        picture_url -> Nullable<Text>,
        picture_hash -> Nullable<Text>,
        picture_due_at -> Nullable<BigInt>,
        seen_at -> BigInt,
    }
}

diesel::table! {
    remote_post (id) {
        id -> BigInt,
        channel_id -> BigInt,
        network -> Text,
        scope -> Text,
        remote_id -> Text,
        remote_author_id -> Nullable<BigInt>,
        parent_remote_id -> Nullable<Text>,
        conversation_remote_id -> Nullable<Text>,
        text -> Text,
        lang -> Nullable<Text>,
        raw -> Nullable<Text>,
        url -> Text,
        reply_path -> Text,
        posted_at -> BigInt,
        received_at -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        post_kind -> Nullable<Text>,
        post_id -> Nullable<BigInt>,
        question_id -> Nullable<BigInt>,
        version_id -> Nullable<Text>,
        edited_at -> Nullable<BigInt>,
        quoted_remote_id -> Nullable<Text>,
        answers_under -> Nullable<Text>,
        read_at -> Nullable<BigInt>,
        hidden_at -> Nullable<BigInt>,
        given_title -> Nullable<Text>,
    }
}

diesel::table! {
    remote_picture (remote_post_id, position) {
        remote_post_id -> BigInt,
        position -> BigInt,
        media_key -> Text,
        kind -> Text,
        url -> Nullable<Text>,
        alt -> Text,
        hash -> Nullable<Text>,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        attempts -> BigInt,
    }
}

diesel::table! {
    remote_version (network, scope, remote_id) {
        network -> Text,
        scope -> Text,
        remote_id -> Text,
        remote_post_id -> BigInt,
    }
}

diesel::table! {
    timeline_gap (id) {
        id -> BigInt,
        channel_id -> BigInt,
        timeline -> Text,
        after_id -> Text,
        before_id -> Text,
        searching -> BigInt,
        posts_read -> BigInt,
        found_at -> BigInt,
        due_at -> Nullable<BigInt>,
        attempts -> BigInt,
        reason -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    recheck (remote_post_id) {
        remote_post_id -> BigInt,
        channel_id -> BigInt,
        due_at -> BigInt,
        missed_at -> Nullable<BigInt>,
        lease_until -> Nullable<BigInt>,
        believed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    message_reading (channel_id) {
        channel_id -> BigInt,
        newest_id -> Text,
        next_token -> Text,
    }
}

diesel::table! {
    waiting (question_id) {
        question_id -> BigInt,
        remote_post_id -> BigInt,
        since -> BigInt,
    }
}

diesel::table! {
    removal_request (id) {
        id -> BigInt,
        question_id -> BigInt,
        message -> Text,
        contact -> Text,
        created_at -> BigInt,
        settled_at -> Nullable<BigInt>,
        settled_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    removal_look (question_id) {
        question_id -> BigInt,
        since -> BigInt,
        looks -> BigInt,
    }
}

diesel::table! {
    delivery (id) {
        id -> BigInt,
        channel_id -> BigInt,
        question_id -> Nullable<BigInt>,
        verification_id -> Nullable<BigInt>,
        answer_id -> Nullable<BigInt>,
        comment_id -> Nullable<BigInt>,
        remote_post_id -> Nullable<BigInt>,
        kind -> Text,
        step -> BigInt,
        text -> Text,
        state -> Text,
        due_at -> Nullable<BigInt>,
        lease_until -> Nullable<BigInt>,
        attempts -> BigInt,
        attempted_at -> Nullable<BigInt>,
        sent_at -> Nullable<BigInt>,
        sent_remote_id -> Nullable<Text>,
        sent_url -> Nullable<Text>,
        reason -> Nullable<Text>,
        created_by -> BigInt,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        private_message_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    delivery_event (id) {
        id -> BigInt,
        delivery_id -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        member_id -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    verification (id) {
        id -> BigInt,
        question_id -> BigInt,
        answer_id -> BigInt,
        revision -> BigInt,
        member_id -> BigInt,
        evidence -> Text,
        scope -> Text,
        valid_until -> Nullable<BigInt>,
        short_form -> Nullable<Text>,
        created_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
        state -> Text,
        version -> Text,
        region -> Text,
        second_id -> Nullable<BigInt>,
        second_at -> Nullable<BigInt>,
        stale_since -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        ended_by -> Nullable<BigInt>,
        superseded_by -> Nullable<BigInt>,
        pictures -> Text,
        product_key -> Text,
        version_key -> Text,
    }
}

diesel::table! {
    periodic (name) {
        name -> Text,
        due_at -> BigInt,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    backup (id) {
        id -> BigInt,
        made_at -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    private_thread (id) {
        id -> BigInt,
        channel_id -> BigInt,
        remote_id -> Text,
        remote_author_id -> BigInt,
        waits_since -> Nullable<BigInt>,
        settled_id -> Nullable<BigInt>,
        last_at -> BigInt,
        about_id -> Nullable<BigInt>,
        network -> Nullable<Text>,
    }
}

diesel::table! {
    private_message (id) {
        id -> BigInt,
        thread_id -> BigInt,
        channel_id -> BigInt,
        remote_id -> Nullable<Text>,
        side -> Text,
        member_id -> Nullable<BigInt>,
        text -> Text,
        raw -> Nullable<Text>,
        sent_at -> BigInt,
        received_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
        taken_back_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    private_attachment (id) {
        id -> BigInt,
        message_id -> BigInt,
        kind -> Text,
        url -> Nullable<Text>,
        alt -> Text,
        picture -> Nullable<Binary>,
        due_at -> Nullable<BigInt>,
        attempts -> BigInt,
    }
}

diesel::table! {
    outgoing_picture (hash) {
        hash -> Text,
        media_type -> Text,
        bytes -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    picture_draft (member_id, hash) {
        member_id -> BigInt,
        hash -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    delivery_picture (delivery_id, position) {
        delivery_id -> BigInt,
        position -> BigInt,
        hash -> Text,
        alt -> Text,
        media_id -> Nullable<Text>,
        uploaded_at -> Nullable<BigInt>,
        described_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    expense (channel_id, day, kind) {
        channel_id -> BigInt,
        day -> BigInt,
        kind -> Text,
        count -> BigInt,
        micros -> BigInt,
    }
}

diesel::table! {
    paid_item (day, kind, remote_id) {
        day -> BigInt,
        kind -> Text,
        remote_id -> Text,
    }
}

diesel::table! {
    allowance (channel_id) {
        channel_id -> BigInt,
        ceiling -> Nullable<BigInt>,
        owns_app -> BigInt,
    }
}

diesel::table! {
    rate_limit (channel_id, endpoint, counts, span) {
        channel_id -> BigInt,
        endpoint -> Text,
        counts -> Text,
        span -> Text,
        remaining -> BigInt,
        reset_at -> BigInt,
    }
}

diesel::table! {
    brand_search (id) {
        id -> BigInt,
        channel_id -> BigInt,
        name -> Text,
        query -> Text,
        state -> Text,
        since_id -> Nullable<Text>,
        newest_id -> Nullable<Text>,
        next_token -> Nullable<Text>,
        due_at -> BigInt,
        searched_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        created_at -> BigInt,
        edited_at -> BigInt,
        edited_by -> BigInt,
        oldest_id -> Nullable<Text>,
        restarts -> BigInt,
        found -> BigInt,
    }
}

diesel::table! {
    search_hit (search_id, remote_post_id) {
        search_id -> BigInt,
        remote_post_id -> BigInt,
    }
}

diesel::table! {
    work (id) {
        id -> BigInt,
        kind -> Text,
        ref_id -> BigInt,
        subject -> Text,
        question_id -> Nullable<BigInt>,
        topic_id -> Nullable<BigInt>,
        channel_id -> Nullable<BigInt>,
        network -> Nullable<Text>,
        lang -> Nullable<Text>,
        since -> BigInt,
        arrived_at -> BigInt,
        soon_at -> BigInt,
        due_at -> BigInt,
    }
}

diesel::table! {
    handling (subject) {
        subject -> Text,
        claimed_by -> Nullable<BigInt>,
        claimed_until -> Nullable<BigInt>,
        assignee_id -> Nullable<BigInt>,
        team_id -> Nullable<BigInt>,
        snoozed_until -> Nullable<BigInt>,
        revision -> BigInt,
    }
}

diesel::table! {
    presence (connection) {
        connection -> Text,
        subject -> Text,
        member_id -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    reminder (id) {
        id -> BigInt,
        member_id -> BigInt,
        subject -> Text,
        question_id -> Nullable<BigInt>,
        due_at -> BigInt,
        words -> Text,
    }
}

diesel::table! {
    saved_view (id) {
        id -> BigInt,
        member_id -> Nullable<BigInt>,
        name -> Text,
        query -> Text,
        created_by -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    answer_revision (answer_id, revision) {
        answer_id -> BigInt,
        revision -> BigInt,
        body -> Text,
        body_html -> Text,
        member_id -> Nullable<BigInt>,
        created_at -> BigInt,
        reason -> Text,
    }
}

diesel::table! {
    answer_review (answer_id) {
        answer_id -> BigInt,
        seen_by -> Nullable<BigInt>,
        seen_at -> Nullable<BigInt>,
        refused_by -> Nullable<BigInt>,
        refused_at -> Nullable<BigInt>,
        refused_revision -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    result (id) {
        id -> BigInt,
        question_id -> BigInt,
        answer_id -> Nullable<BigInt>,
        comment_id -> BigInt,
        guess -> Nullable<Text>,
        decided -> Nullable<Text>,
        decided_by -> Nullable<BigInt>,
        decided_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    product_release (id) {
        id -> BigInt,
        product -> Text,
        version -> Text,
        product_key -> Text,
        version_key -> Text,
        entered_by -> BigInt,
        created_at -> BigInt,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    suggestion (id) {
        id -> BigInt,
        question_id -> BigInt,
        verification_id -> BigInt,
        shown_at -> BigInt,
        taken_at -> Nullable<BigInt>,
        taken_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    note (id) {
        id -> BigInt,
        subject -> Text,
        member_id -> BigInt,
        body -> Text,
        body_html -> Text,
        created_at -> BigInt,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    macro_text (id) {
        id -> BigInt,
        name -> Text,
        lang -> Text,
        body -> Text,
        revision -> BigInt,
        edited_by -> BigInt,
        edited_at -> BigInt,
    }
}

diesel::table! {
    draft (id) {
        id -> BigInt,
        member_id -> BigInt,
        kind -> Text,
        question_id -> BigInt,
        answer_id -> BigInt,
        form -> Text,
        updated_at -> BigInt,
        submitted_at -> Nullable<BigInt>,
        returned_reason -> Nullable<Text>,
        returned_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    merge (id) {
        id -> BigInt,
        question_id -> BigInt,
        into_id -> BigInt,
        member_id -> BigInt,
        created_at -> BigInt,
        undone_at -> Nullable<BigInt>,
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    not_the_same (question_id, other_id) {
        question_id -> BigInt,
        other_id -> BigInt,
        member_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    split (id) {
        id -> BigInt,
        question_id -> BigInt,
        from_question_id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
        member_id -> BigInt,
        created_at -> BigInt,
        undone_at -> Nullable<BigInt>,
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    notice (id) {
        id -> BigInt,
        member_id -> BigInt,
        kind -> Text,
        question_id -> Nullable<BigInt>,
        post_kind -> Nullable<Text>,
        post_id -> Nullable<BigInt>,
        subject -> Nullable<Text>,
        by_id -> Nullable<BigInt>,
        words -> Text,
        created_at -> BigInt,
        read_at -> Nullable<BigInt>,
        event -> Nullable<Text>,
        mailed_at -> Nullable<BigInt>,
        gathered -> Nullable<Text>,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        member_id -> Nullable<BigInt>,
        act -> Text,
        subject -> Text,
        question_id -> Nullable<BigInt>,
        words -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    flag (id) {
        id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
        question_id -> BigInt,
        created_at -> BigInt,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<BigInt>,
        upheld -> Nullable<BigInt>,
        weight -> BigInt,
    }
}

diesel::table! {
    report (flag_id, member_id) {
        flag_id -> BigInt,
        member_id -> BigInt,
        reason -> Text,
        words -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    hold (id) {
        id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
        question_id -> BigInt,
        member_id -> BigInt,
        why -> Text,
        created_at -> BigInt,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<BigInt>,
        approved -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    sanction (id) {
        id -> BigInt,
        member_id -> BigInt,
        kind -> Text,
        until -> Nullable<BigInt>,
        reason -> Text,
        by_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    bulk_hide (id) {
        id -> BigInt,
        member_id -> Nullable<BigInt>,
        remote_author_id -> Nullable<BigInt>,
        reason -> Text,
        by_id -> BigInt,
        created_at -> BigInt,
        restored_at -> Nullable<BigInt>,
        restored_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    bulk_hidden (bulk_id, post_kind, post_id) {
        bulk_id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
    }
}

diesel::table! {
    business_hours (id) {
        id -> BigInt,
        name -> Text,
        zone -> Text,
        week -> Text,
        holidays -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    response_target (id) {
        id -> BigInt,
        channel_id -> BigInt,
        topic_id -> BigInt,
        minutes -> BigInt,
        hours_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    team (id) {
        id -> BigInt,
        name -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    team_member (team_id, member_id) {
        team_id -> BigInt,
        member_id -> BigInt,
    }
}

diesel::table! {
    setting (name) {
        name -> Text,
        value -> Text,
        revision -> BigInt,
        changed_by -> Nullable<BigInt>,
        changed_at -> BigInt,
    }
}

diesel::table! {
    invitation (id) {
        id -> BigInt,
        token_hash -> Text,
        role -> Text,
        title -> Text,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_by -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_code (member_id, code_hash) {
        member_id -> BigInt,
        code_hash -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    one_time (token_hash) {
        token_hash -> Text,
        purpose -> Text,
        member_id -> Nullable<BigInt>,
        email -> Text,
        form -> Text,
        attempts -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    brake (what) {
        what -> Text,
        failures -> BigInt,
        newest_at -> BigInt,
        refused_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    tag (id) {
        id -> BigInt,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    question_tag (question_id, tag_id) {
        question_id -> BigInt,
        tag_id -> BigInt,
        activity_at -> BigInt,
    }
}

diesel::table! {
    expertise (member_id, tag_id) {
        member_id -> BigInt,
        tag_id -> BigInt,
    }
}

diesel::table! {
    topic_field (id) {
        id -> BigInt,
        topic_id -> BigInt,
        name -> Text,
        kind -> Text,
        choices -> Text,
        required -> BigInt,
        position -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    field_value (question_id, field_id) {
        question_id -> BigInt,
        field_id -> BigInt,
        value -> Text,
    }
}

diesel::table! {
    upload (name) {
        name -> Text,
        width -> BigInt,
        height -> BigInt,
        bytes -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    upload_use (name, place) {
        name -> Text,
        place -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    helped (answer_id, person) {
        answer_id -> BigInt,
        person -> Text,
        value -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    affected (question_id, person) {
        question_id -> BigInt,
        person -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    question_revision (question_id, revision) {
        question_id -> BigInt,
        revision -> BigInt,
        title -> Text,
        body -> Text,
        member_id -> Nullable<BigInt>,
        reason -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    comment_revision (comment_id, revision) {
        comment_id -> BigInt,
        revision -> BigInt,
        body -> Text,
        member_id -> Nullable<BigInt>,
        reason -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    reputation (id) {
        id -> BigInt,
        member_id -> BigInt,
        event -> Text,
        points -> BigInt,
        question_id -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    news (id) {
        id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
        by_id -> Nullable<BigInt>,
        told_up_to -> BigInt,
        search_id -> BigInt,
    }
}

diesel::table! {
    follow (member_id, kind, ref_id) {
        member_id -> BigInt,
        kind -> Text,
        ref_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    mail (id) {
        id -> BigInt,
        member_id -> Nullable<BigInt>,
        event -> Text,
        address -> Text,
        subject -> Text,
        text -> Text,
        html -> Text,
        headers -> Text,
        state -> Text,
        due_at -> Nullable<BigInt>,
        lease_until -> Nullable<BigInt>,
        attempts -> BigInt,
        sent_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    notice_choice (member_id, matter) {
        member_id -> BigInt,
        matter -> Text,
        mail -> Text,
    }
}

diesel::table! {
    import_source (id) {
        id -> BigInt,
        name -> Text,
        runs -> BigInt,
        begun_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    imported_post (source_id, part, foreign_id) {
        source_id -> BigInt,
        part -> Text,
        foreign_id -> BigInt,
        post_kind -> Text,
        post_id -> BigInt,
        run -> BigInt,
        score -> BigInt,
    }
}

diesel::table! {
    imported_member (source_id, author) {
        source_id -> BigInt,
        author -> Text,
        member_id -> Nullable<BigInt>,
        since -> BigInt,
    }
}

diesel::table! {
    import_note (source_id, foreign_id) {
        source_id -> BigInt,
        foreign_id -> BigInt,
        text_at -> Nullable<BigInt>,
        text_row -> Nullable<BigInt>,
        accepted_for -> Nullable<BigInt>,
        accepted_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
        closed_as -> Nullable<BigInt>,
        votes -> BigInt,
    }
}

diesel::table! {
    question_link (question_id, other_id, kind) {
        question_id -> BigInt,
        other_id -> BigInt,
        kind -> Text,
    }
}

diesel::joinable!(brand_search -> member (edited_by));
diesel::joinable!(search_hit -> brand_search (search_id));
diesel::joinable!(search_hit -> remote_post (remote_post_id));
diesel::joinable!(question -> topic (topic_id));
diesel::joinable!(session -> member (member_id));
diesel::joinable!(remote_post -> remote_author (remote_author_id));
diesel::joinable!(remote_picture -> remote_post (remote_post_id));
diesel::joinable!(remote_version -> remote_post (remote_post_id));
diesel::joinable!(recheck -> remote_post (remote_post_id));
diesel::joinable!(timeline_gap -> channel (channel_id));
diesel::joinable!(waiting -> remote_post (remote_post_id));
diesel::joinable!(delivery -> remote_post (remote_post_id));
diesel::joinable!(private_message -> private_thread (thread_id));
diesel::joinable!(private_attachment -> private_message (message_id));
diesel::joinable!(verification -> member (member_id));
diesel::joinable!(verification -> answer (answer_id));
diesel::joinable!(report -> flag (flag_id));
diesel::joinable!(team_member -> team (team_id));
diesel::joinable!(delivery_picture -> outgoing_picture (hash));
diesel::joinable!(question_tag -> tag (tag_id));
diesel::joinable!(question_tag -> question (question_id));
diesel::joinable!(expertise -> tag (tag_id));
diesel::joinable!(field_value -> topic_field (field_id));
diesel::joinable!(imported_member -> import_source (source_id));
diesel::joinable!(imported_post -> import_source (source_id));

diesel::table! {
    unfound (words) {
        words -> Text,
        times -> BigInt,
        asked_at -> BigInt,
    }
}

diesel::table! {
    followed_search (id) {
        id -> BigInt,
        words -> Text,
    }
}

diesel::table! {
    to_search (id) {
        id -> BigInt,
        question_id -> BigInt,
        by_id -> Nullable<BigInt>,
        asked_up_to -> BigInt,
        last_search -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    change, outgoing_picture, picture_draft, delivery_picture, feed, submission, member, session, topic, question,
    answer, comment, vote, channel, inbox, picture, remote_author, remote_post, remote_picture, remote_version,
    timeline_gap, recheck, waiting, removal_request, delivery, delivery_event, brand_search, search_hit,
    verification, private_thread, private_message, private_attachment, periodic, backup, work,
    handling, presence, answer_revision, answer_review, result, flag, report, team, team_member, product_release,
    suggestion,
    tag,
    question_tag,
    expertise,
    topic_field,
    field_value,
    upload,
    upload_use,
    helped,
    affected,
    follow,
    reputation,
}

diesel::allow_tables_to_appear_in_same_query!(member, question_revision);
diesel::allow_tables_to_appear_in_same_query!(member, comment_revision);
diesel::allow_tables_to_appear_in_same_query!(imported_member, imported_post, import_source);

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Servers `a` to `z`, each with a key of its own.
fn entries(names: &str) -> BTreeMap<Vec<u8>, Authority> {
    names
        .chars()
        .map(|name| (key(name), server(name)))
        .collect()
}

fn key(name: char) -> Vec<u8> {
    format!("user/{name}:1").into()
}

fn server(name: char) -> Authority {
    format!("{name}:1").parse().expect("a server")
}

fn names(known: &mut Known, now: Instant) -> String {
    let (list, _) = known.list(now);
    list.iter().map(Authority::host).collect()
}

fn of(names: &str) -> (Known, Instant) {
    let (mut known, now) = (Known::default(), Instant::now());
    known.read(entries(names), now);
    (known, now)
}

#[test]
fn a_change_while_the_watch_runs_acts_at_once() {
    let (mut known, now) = of("ab");
    known.put(key('c'), server('c'));
    known.delete(key('a'), now);
    assert_eq!(names(&mut known, now), "bc");
    assert_eq!(known.changes_at(now), None);
}

#[test]
fn what_a_new_list_lacks_is_kept_for_a_while() {
    let (mut known, now) = of("abc");
    known.read(entries("c"), now);
    assert_eq!(names(&mut known, now), "abc");
    let end = known.changes_at(now).expect("a change");
    assert_eq!(end, now + KEEP_MISSING);
    // Another reconnection does not begin the time anew.
    known.read(entries("c"), now + SECOND);
    assert_eq!(names(&mut known, end - SECOND), "abc");
    assert_eq!(names(&mut known, end), "c");
    assert_eq!(known.changes_at(end), None);
}

#[test]
fn what_comes_back_or_leaves_in_that_time_is_known_for_sure() {
    let (mut known, now) = of("abc");
    known.read(entries("c"), now);
    known.put(key('a'), server('a'));
    known.delete(key('b'), now);
    assert_eq!(names(&mut known, now), "ac");
    assert_eq!(names(&mut known, now + KEEP_MISSING), "ac");
}

#[test]
fn an_empty_list_forgets_nobody() {
    let (mut known, now) = of("ab");
    known.read(BTreeMap::new(), now);
    for later in [Duration::ZERO, KEEP_MISSING, 10 * REMEMBER] {
        let (list, all_are_kept) = known.list(now + later);
        assert_eq!((list.len(), all_are_kept), (2, true));
    }
    known.put(key('c'), server('c'));
    assert_eq!(known.list(now + 10 * REMEMBER), (vec![server('c')], false));
}

#[test]
fn leases_that_end_one_after_the_other_leave_all_servers_and_not_the_last() {
    let (mut known, now) = of("abc");
    for (after, name) in [(0, 'a'), (1, 'b'), (2, 'c')] {
        known.delete(key(name), now + after * SECOND);
    }
    assert_eq!(names(&mut known, now + 2 * SECOND), "abc");
}

#[test]
fn who_left_long_ago_is_not_used_when_the_last_one_leaves() {
    let (mut known, now) = of("ab");
    known.delete(key('a'), now);
    let later = now + REMEMBER;
    assert_eq!(names(&mut known, later), "b");
    known.delete(key('b'), later);
    assert_eq!(names(&mut known, later), "b");
}

#[test]
fn a_name_without_servers_has_none() {
    let (mut known, now) = of("");
    assert_eq!(known.list(now), (vec![], false));
    known.delete(key('a'), now);
    assert_eq!(known.list(now), (vec![], false));
}

#[test]
fn two_keys_of_one_address_are_one_server() {
    let (mut known, now) = of("a");
    known.put(b"user/another".to_vec(), server('a'));
    assert_eq!(names(&mut known, now), "a");
}

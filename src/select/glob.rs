/// Returns whether the shell glob (`*`, `?`, `[abc]`, `[!a-z]`) matches all of
/// `text`, case included, as Python's `fnmatch` does.
pub fn matches(glob: &str, text: &str) -> bool {
    let glob: Vec<char> = glob.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut g, mut t) = (0, 0);
    // Where to go on when a later character does not fit: one character more
    // for the last star. Only the last star matters, so this never explodes.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if glob.get(g) == Some(&'*') {
            g += 1;
            retry = Some((g, t));
            continue;
        }
        if t == text.len() && g == glob.len() {
            return true;
        }
        if let (Some(&c), true) = (text.get(t), g < glob.len())
            && let Some(next) = one(&glob, g, c)
        {
            (g, t) = (next, t + 1);
            continue;
        }
        match retry {
            Some((after_star, from)) if from < text.len() => {
                retry = Some((after_star, from + 1));
                (g, t) = (after_star, from + 1);
            }
            _ => return false,
        }
    }
}

/// Returns where the glob goes on when its piece at `g` fits `c`.
fn one(glob: &[char], g: usize, c: char) -> Option<usize> {
    match glob[g] {
        '?' => Some(g + 1),
        '[' => {
            let negated = glob.get(g + 1) == Some(&'!');
            let first = g + 1 + usize::from(negated);
            // A bracket that comes first is an ordinary member.
            let Some(close) = (first + 1..glob.len()).find(|&i| glob[i] == ']') else {
                return (c == '[').then_some(g + 1);
            };
            (in_set(&glob[first..close], c) != negated).then_some(close + 1)
        }
        other => (other == c).then_some(g + 1),
    }
}

fn in_set(set: &[char], c: char) -> bool {
    let mut i = 0;
    while i < set.len() {
        if i + 2 < set.len() && set[i + 1] == '-' {
            if (set[i]..=set[i + 2]).contains(&c) {
                return true;
            }
            i += 3;
        } else {
            if set[i] == c {
                return true;
            }
            i += 1;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn as_fnmatch() {
        for (glob, text) in [
            ("*", ""),
            ("web*", "web"),
            ("*web*", "aweb1"),
            ("w?b", "web"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]]", "]"),
            ("[x", "[x"),
            ("a*b*c", "aXbXbc"),
            ("[a-]", "-"),
        ] {
            assert!(matches(glob, text), "{glob} {text}");
        }
        for (glob, text) in [
            ("web", "Web"),
            ("w?b", "wb"),
            ("[!a-c]x", "bx"),
            ("a*b", "abc"),
            ("", "a"),
        ] {
            assert!(!matches(glob, text), "{glob} {text}");
        }
    }
}

/// Namespace of the note that swarmctl leaves in a running domain only: libvirt
/// drops it when the domain stops, so it speaks of this very run.
pub const LIVE_NAMESPACE: &str = "https://swarmctl.dev/live/1";

/// What swarmctl noted in the running domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveState {
    /// When swarmctl started it, RFC 3339.
    pub since: Option<String>,
    /// Whether it was seen ready since.
    pub ready: bool,
}

impl LiveState {
    /// Reads the note from an element as [`LiveState::to_xml`] writes it; anything
    /// else says nothing.
    pub fn parse(xml: &str) -> Self {
        let Ok(document) = roxmltree::Document::parse(xml) else {
            return Self::default();
        };
        document
            .descendants()
            .find(|node| node.tag_name().name() == "run" && node.has_attribute("ready"))
            .map_or_else(Self::default, |node| Self {
                since: node.attribute("since").map(str::to_owned),
                ready: node.attribute("ready") == Some("true"),
            })
    }

    /// Returns the element that libvirt stores.
    pub fn to_xml(&self) -> String {
        let since = self
            .since
            .as_ref()
            .map_or_else(String::new, |since| format!(" since='{since}'"));
        format!("<run{since} ready='{}'/>", self.ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let state = LiveState {
            since: Some("2026-11-20T14:00:00Z".to_owned()),
            ready: true,
        };
        assert_eq!(LiveState::parse(&state.to_xml()), state);
        assert_eq!(LiveState::parse("<other/>"), LiveState::default());
    }
}

//! Why someone left, out of Zoom's free text.

/// The class of a `leave_reason`. The text itself is not kept: one of its forms contains the person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaveReason {
    /// Left by their own choice.
    Own,
    /// The host ended the meeting for all.
    HostEnded,
    /// The host removed them.
    Removed,
    /// The connection was lost.
    Network,
    /// Went to a breakout room: still on the visit.
    Breakout,
    /// Was sent to the waiting room: still on the visit.
    WaitingRoom,
    /// The plan's time was up, or the host never came.
    Limit,
    /// Some other text.
    Other,
}

impl LeaveReason {
    /// The class of a text. What counts stands after the last `Reason :`, in any spacing and case.
    pub fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let stated = lower
            .rmatch_indices("reason")
            .find_map(|(at, word)| lower.get(at + word.len()..)?.trim_start().strip_prefix(':'));
        // Without a reason the text may begin with a name, which says nothing.
        let reason = stated.unwrap_or_else(|| {
            lower.rfind("left the meeting").and_then(|at| lower.get(at..)).unwrap_or(&lower)
        });
        let has = |piece: &str| reason.contains(piece);
        // The rooms come first: their texts also say that the person left the meeting.
        if has("breakout") {
            Self::Breakout
        } else if has("waiting room") {
            Self::WaitingRoom
        } else if has("removed") || has("expel") {
            Self::Removed
        } else if has("host ended") || has("host closed") || has("ended by host") || has("ended by the host")
        {
            Self::HostEnded
        } else if has("network") || has("connection") || has("disconnect") {
            Self::Network
        } else if has("exceeded") || has("limit") || has("did not join") {
            Self::Limit
        } else if has("left the meeting") {
            Self::Own
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_seen_in_the_wild_fall_into_their_class() {
        let cases = [
            ("left the meeting. Reason : left the meeting", LeaveReason::Own),
            ("left the meeting. Reason : Host ended the meeting.", LeaveReason::HostEnded),
            ("left the meeting. Reason : left the meeting to join breakout room", LeaveReason::Breakout),
            ("left the meeting. Reason : Network connection error. ", LeaveReason::Network),
            ("Jill Chill left the meeting.<br>Reason: Host ended the meeting.", LeaveReason::HostEnded),
            ("got disconnected from the meeting. Reason : Network connection error", LeaveReason::Network),
            ("left the meeting. Reason : Removed by host", LeaveReason::Removed),
            ("left the meeting. Reason : Host closed the meeting.", LeaveReason::HostEnded),
            ("left the meeting. Reason : Host did not join.", LeaveReason::Limit),
            ("left the meeting. Reason : Exceeded free meeting minutes limit.", LeaveReason::Limit),
            ("left the meeting. Reason : left the meeting to join waiting room", LeaveReason::WaitingRoom),
            ("left the meeting", LeaveReason::Own),
            ("left the meeting. Reason : Removed for this reason", LeaveReason::Removed),
            ("left the meeting. Reason : Unknown", LeaveReason::Other),
            ("", LeaveReason::Other),
        ];
        for (text, class) in cases {
            assert_eq!(LeaveReason::of(text), class, "{text:?}");
        }
    }

    #[test]
    fn a_name_cannot_pass_for_a_reason() {
        let text = "Removed Breakout Network left the meeting.<br>Reason: Host ended the meeting.";
        assert_eq!(LeaveReason::of(text), LeaveReason::HostEnded);
        assert_eq!(LeaveReason::of("Breakout Jones left the meeting"), LeaveReason::Own);
        let text = "Mr Reason : removed left the meeting.<br>Reason: left the meeting";
        assert_eq!(LeaveReason::of(text), LeaveReason::Own);
    }
}

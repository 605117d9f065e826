//! The commands of a conference: rooms, café tables, phases, roles, ballots and names.

use clap::Args;

use super::Send;

/// What stands behind the name of a command that belongs to a conference. The conference comes
/// first, and may be left out where there is one.
#[derive(Debug, Args)]
pub struct Words {
    /// The words behind the command, the conference first.
    #[arg(value_name = "WORD", hide = true)]
    pub words: Vec<String>,
    /// How it is sent.
    #[command(flatten)]
    pub send: Send,
}

/// Help that all these commands share.
macro_rules! help {
    ($examples:literal) => {
        concat!(
            "CONFERENCE is one of `convene list`, and may be left out where there is one. PERSON is a name or an id such as p7, ROOM and\n\
             TABLE a name or an id such as r2, OPTION its text, its id such as o1, or its number.\n\nExamples:\n",
            $examples
        )
    };
}

/// The forms and examples of each command.
pub(super) mod text {
    pub(crate) const ROOMS: &str = "convene rooms [OPTIONS] [CONFERENCE]";
    pub(crate) const ROOMS_HELP: &str = help!(
        "  convene rooms            which there are, and how many people stand there\n  convene rooms --json     one object per room"
    );
    pub(crate) const WHO: &str = "convene who [OPTIONS] [CONFERENCE] [ROOM]";
    pub(crate) const WHO_HELP: &str = help!(
        "  convene who              everyone, where they stand, and who is online\n  convene who foyer        who stands there"
    );
    pub(crate) const GO: &str = "convene go [OPTIONS] [CONFERENCE] ROOM";
    pub(crate) const GO_HELP: &str = help!("  convene go \"Room A\"\n  convene go plenary");
    pub(crate) const ROOM: &str =
        "convene room [OPTIONS] [CONFERENCE] add NAME\n       convene room [OPTIONS] [CONFERENCE] close ROOM";
    pub(crate) const ROOM_HELP: &str = help!(
        "  convene room add \"Room A\"\n  convene room close \"Room A\"    who stands there stands in the plenary then"
    );
    pub(crate) const TABLE: &str = "convene table [OPTIONS] [CONFERENCE]\n       convene table [OPTIONS] [CONFERENCE] ask PERSON...\n       convene table [OPTIONS] [CONFERENCE] accept [TABLE]\n       convene table [OPTIONS] [CONFERENCE] decline [TABLE]\n       convene table [OPTIONS] [CONFERENCE] leave";
    pub(crate) const TABLE_HELP: &str = help!(
        "  convene table                    who sits where, and who asks you to come\n  convene table ask Bernd Carla    you sit down, and they are asked to come\n  convene table accept\n  convene say \"among us\"           reaches those who sit there and nobody else\n  convene table leave"
    );
    pub(crate) const PHASE: &str = "convene phase [OPTIONS] [CONFERENCE]\n       convene phase [OPTIONS] [CONFERENCE] extend MINUTES\n       convene phase [OPTIONS] [CONFERENCE] shorten MINUTES\n       convene phase [OPTIONS] [CONFERENCE] skip";
    pub(crate) const PHASE_HELP: &str = help!(
        "  convene phase            the plan, the actual times, and what is left\n  convene phase extend 10  the one that runs ends 10 minutes later\n  convene phase skip       the next one begins now"
    );
    pub(crate) const ORGANIZER: &str = "convene organizer [OPTIONS] [CONFERENCE] add PERSON\n       convene organizer [OPTIONS] [CONFERENCE] remove PERSON";
    pub(crate) const ORGANIZER_HELP: &str =
        help!("  convene organizer add Anna\n  convene organizer remove p7");
    pub(crate) const BALLOT: &str = "convene ballot [OPTIONS] [CONFERENCE]\n       convene ballot [OPTIONS] [CONFERENCE] open QUESTION OPTION OPTION...\n       convene ballot [OPTIONS] [CONFERENCE] close";
    pub(crate) const BALLOT_HELP: &str = help!(
        "  convene ballot           the ballots, how many have voted, and results\n  convene ballot open \"Which topic first?\" Trains Bicycles\n  convene ballot close     tells the result to everyone\n\nNobody learns who voted what, the organizers and the operator of the server included."
    );
    pub(crate) const VOTE: &str = "convene vote [OPTIONS] [CONFERENCE] OPTION";
    pub(crate) const VOTE_HELP: &str = help!(
        "  convene vote Trains\n  convene vote 2           the second option; another vote replaces the first one"
    );
    pub(crate) const RENAME: &str = "convene rename [OPTIONS] [CONFERENCE] NAME";
    pub(crate) const RENAME_HELP: &str = help!("  convene rename \"Anna B.\"");
    pub(crate) const SAY: &str = "convene say [OPTIONS] [CONFERENCE] TEXT";
    pub(crate) const ACT: &str = "convene act [OPTIONS] [CONFERENCE] JSON";
}

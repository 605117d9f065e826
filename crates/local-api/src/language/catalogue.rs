//! Everything that the language has, in the order in which it is told to people.

use super::{
    AccessChanged, AccessCheck, Act, ClockNotification, ConnectionChanged, ConnectionRetry, ConnectionWatch,
    DiscoverMethod, Dismiss, DismissedNotification, DraftChanged, DraftGet, DraftSet, EventsNotification,
    Forget, Hello, History, Join, Leave, List, LostNotification, MayNotification, Method, Notification,
    OutboxNotification, PassedOverNotification, Presence, PresenceNotification, ProxyOffer, ProxyPassword,
    ProxyTest, ProxyToken, Question, ReceiptNotification, ResetNotification, SeatNotification,
    SettingsChanged, SettingsGet, SettingsPatch, SettingsWatch, StateNotification, SystemStatus, Unwatch,
    Watch,
};

/// Anyone who wants to see all of it.
pub(crate) trait Visitor {
    /// Sees a method.
    fn method<M: Method>(&mut self);
    /// Sees a notification.
    fn notification<N: Notification>(&mut self);
    /// Sees a question.
    fn question<Q: Question>(&mut self);
}

/// Shows everything.
pub(crate) fn visit_all(visitor: &mut impl Visitor) {
    visitor.method::<DiscoverMethod>();
    visitor.method::<Hello>();
    visitor.method::<ConnectionWatch>();
    visitor.method::<ConnectionRetry>();
    visitor.method::<AccessCheck>();
    visitor.method::<SettingsGet>();
    visitor.method::<SettingsPatch>();
    visitor.method::<SettingsWatch>();
    visitor.method::<SystemStatus>();
    visitor.method::<ProxyOffer>();
    visitor.method::<ProxyTest>();
    visitor.method::<Join>();
    visitor.method::<List>();
    visitor.method::<Watch>();
    visitor.method::<Unwatch>();
    visitor.method::<Presence>();
    visitor.method::<History>();
    visitor.method::<Act>();
    visitor.method::<Dismiss>();
    visitor.method::<DraftGet>();
    visitor.method::<DraftSet>();
    visitor.method::<Leave>();
    visitor.method::<Forget>();

    visitor.notification::<ConnectionChanged>();
    visitor.notification::<AccessChanged>();
    visitor.notification::<SettingsChanged>();
    visitor.notification::<StateNotification>();
    visitor.notification::<EventsNotification>();
    visitor.notification::<MayNotification>();
    visitor.notification::<ReceiptNotification>();
    visitor.notification::<OutboxNotification>();
    visitor.notification::<LostNotification>();
    visitor.notification::<DismissedNotification>();
    visitor.notification::<SeatNotification>();
    visitor.notification::<PassedOverNotification>();
    visitor.notification::<ResetNotification>();
    visitor.notification::<ClockNotification>();
    visitor.notification::<PresenceNotification>();
    visitor.notification::<DraftChanged>();

    visitor.question::<ProxyPassword>();
    visitor.question::<ProxyToken>();
}

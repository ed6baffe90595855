//! One value of each page, kept for the whole run: coming back, everything is as it was left.

use super::steps::{
    Page, Step, access, apply, connect, doctor, done, login_page, options, pick, plex_servers, plex_sign_in, questions, register,
    review, sign_in,
};

/// All pages.
#[derive(Debug, Default)]
pub(super) struct Pages {
    connect: connect::Connect,
    sign_in: sign_in::SignIn,
    pick: pick::Pick,
    doctor: doctor::Doctor,
    register: register::Register,
    questions: questions::Questions,
    options: options::Options,
    access: access::Access,
    plex_sign_in: plex_sign_in::PlexSignIn,
    plex_servers: plex_servers::PlexServers,
    login_page: login_page::LoginPage,
    review: review::Review,
    apply: apply::Apply,
    done: done::Done,
}

impl Pages {
    /// The page of this step.
    pub(super) fn get(&self, step: Step) -> &dyn Page {
        match step {
            Step::Connect => &self.connect,
            Step::SignIn => &self.sign_in,
            Step::Pick => &self.pick,
            Step::Doctor => &self.doctor,
            Step::Register => &self.register,
            Step::Questions => &self.questions,
            Step::Options => &self.options,
            Step::Access => &self.access,
            Step::PlexSignIn => &self.plex_sign_in,
            Step::PlexServers => &self.plex_servers,
            Step::LoginPage => &self.login_page,
            Step::Review => &self.review,
            Step::Apply => &self.apply,
            Step::Done => &self.done,
        }
    }

    /// The page of this step, to change it.
    pub(super) fn get_mut(&mut self, step: Step) -> &mut dyn Page {
        match step {
            Step::Connect => &mut self.connect,
            Step::SignIn => &mut self.sign_in,
            Step::Pick => &mut self.pick,
            Step::Doctor => &mut self.doctor,
            Step::Register => &mut self.register,
            Step::Questions => &mut self.questions,
            Step::Options => &mut self.options,
            Step::Access => &mut self.access,
            Step::PlexSignIn => &mut self.plex_sign_in,
            Step::PlexServers => &mut self.plex_servers,
            Step::LoginPage => &mut self.login_page,
            Step::Review => &mut self.review,
            Step::Apply => &mut self.apply,
            Step::Done => &mut self.done,
        }
    }
}

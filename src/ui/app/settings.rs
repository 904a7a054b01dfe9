//! What is heard for the tab Settings and for the layers that belong to it.

use super::App;
use crate::ui::action::Tab;
use crate::ui::effect::Effect;
use crate::ui::layers::{CheckLayer, ConsentLayer, Layer};
use crate::ui::messages::settings::{SettingsEffect, SettingsEvent};
use crate::ui::out::Out;

impl App {
    pub(super) fn settings_event(&mut self, event: SettingsEvent, out: &mut Out) {
        match event {
            SettingsEvent::Step(result) => {
                if let Some(layer) = self.check_layer() {
                    layer.step(result);
                }
            }
            SettingsEvent::Checked(end) => {
                out.effect(Effect::Settings(SettingsEffect::Read));
                match (self.check_layer(), end) {
                    (Some(layer), end) => layer.ended(end),
                    (None, Err(reason)) => out.error(reason),
                    (None, Ok(())) => {}
                }
            }
            SettingsEvent::Consent(attempt, stage) => {
                if let Some(layer) = self.consent_layer(attempt) {
                    layer.moved(stage);
                }
            }
            SettingsEvent::Consented(attempt, end) => {
                out.effect(Effect::Settings(SettingsEffect::Read));
                // The address to paste is not asked for any more.
                if self.consent_layer(attempt).is_some() {
                    while !matches!(self.layers.last(), Some(Layer::Consent(_)) | None) {
                        self.layers.pop();
                    }
                }
                match (self.consent_layer(attempt), end) {
                    (Some(layer), Ok(consented)) => layer.ended(Ok(consented)),
                    (Some(layer), Err(Some(reason))) => layer.ended(Err(reason)),
                    (None, Ok(consented)) => out.done(consented.summary()),
                    (None, Err(Some(reason))) => out.error(format!("the consent came to nothing: {reason}")),
                    // It was cancelled here.
                    (_, Err(None)) => {}
                }
            }
            SettingsEvent::Read(overview, typed) => {
                let is_first = typed.is_some();
                self.settings.heard(SettingsEvent::Read(overview, typed), out);
                if is_first && self.settings.is_first_run() && !self.touched {
                    self.tab = Tab::Settings;
                }
            }
            event => self.settings.heard(event, out),
        }
    }

    fn check_layer(&mut self) -> Option<&mut CheckLayer> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::Check(layer) => Some(layer.as_mut()),
            _ => None,
        })
    }

    fn consent_layer(&mut self, attempt: u64) -> Option<&mut ConsentLayer> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::Consent(layer) if layer.attempt() == attempt => Some(layer.as_mut()),
            _ => None,
        })
    }

    /// What is to be done by itself as time goes by.
    pub fn due(&mut self) -> Vec<Effect> {
        let mut out = Out::default();
        self.settings.now = self.now;
        self.settings.renew_if_due(&self.header.token, &mut out);
        out.effects
    }
}

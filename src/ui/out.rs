//! What an action asks for, gathered while it runs.

use super::effect::Effect;
use super::event::Notice;
use super::layers::Layer;

/// Effects, a layer to open, and a line to show.
#[derive(Debug, Default)]
pub struct Out {
    /// What the world is to do.
    pub effects: Vec<Effect>,
    /// Layers to put on top.
    pub layers: Vec<Layer>,
    /// What to tell.
    pub notice: Option<Notice>,
}

impl Out {
    /// Asks for an effect.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Opens a layer.
    pub fn open(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// Tells something.
    pub fn done(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::done(text));
    }

    /// Tells that something went wrong.
    pub fn error(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::error(text));
    }
}

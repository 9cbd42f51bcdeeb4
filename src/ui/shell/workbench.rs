//! The whole window but for the system's frame: a test can drive it without a screen.

use std::time::Duration;

use egui::{Context, Frame, Panel, ThemePreference, Ui, ViewportCommand};

use super::file_dialog::Picker;
use super::file_prompt::FilePrompt;
use super::lesson::LessonMemory;
use super::palette::PaletteMemory;
use super::question::{self, Question};
use super::toasts::ToastClock;
use super::{
    about, drops, history, keys, keys_overlay, lesson, palette, rail, settings, sharing, stage,
    status_line, toasts, top_bar,
};
use crate::app::{App, Command, Commands, Overlay, TextSize, ThemeChoice};
use crate::ui::notation;
use crate::ui::screens::Screens;
use crate::ui::theme::{self, Tokens};

/// Pictures move at this rate.
const FRAME: Duration = Duration::from_millis(16);
/// Numbers of running jobs are renewed at this rate.
const GLANCE: Duration = Duration::from_millis(50);
/// A longer pause between two frames does not make playback jump.
const LONGEST_FRAME_SECS: f64 = 0.25;

/// What the window keeps between frames and that is no fact of the program.
#[derive(Default)]
pub(super) struct View {
    pub screens: Screens,
    pub palette: PaletteMemory,
    pub toasts: ToastClock,
    pub question: Option<Question>,
    /// A command that a question was answered for with yes.
    answered: Option<Command>,
    pub prompt: Option<FilePrompt>,
    pub lesson: LessonMemory,
    /// A text field had the focus when the last frame ended.
    pub was_typing: bool,
    /// The person knows that unsaved work gets lost.
    pub may_close: bool,
    /// The time of the last frame in which something moved.
    moved_at: Option<f64>,
    is_full_screen: bool,
    /// The size that the fonts were made for.
    text_size: TextSize,
}

/// The program and its view.
pub struct Workbench {
    pub app: App,
    picker: Box<dyn Picker>,
    view: View,
}

impl Workbench {
    pub fn new(app: App, picker: Box<dyn Picker>) -> Self {
        Self { app, picker, view: View::default() }
    }

    /// Takes what happened elsewhere, and asks for the next frame if there is something to see.
    pub fn logic(&mut self, ctx: &Context) {
        let now = ctx.input(|input| input.time);
        let passed = self.view.moved_at.map_or(0.0, |before| now - before);
        let is_lively = self.app.logic(passed.clamp(0.0, LONGEST_FRAME_SECS));
        let playback = &self.app.state.playback;
        let is_moving = playback.is_playing() && !playback.is_waiting();
        self.view.moved_at = is_moving.then_some(now);
        if is_moving {
            ctx.request_repaint_after(FRAME);
        } else if is_lively {
            ctx.request_repaint_after(GLANCE);
        }
    }

    /// Draws one frame and runs what was asked for in it.
    pub fn ui(&mut self, ui: &mut Ui) {
        notation::choose(self.app.state.settings.notation);
        let ctx = ui.ctx().clone();
        let mut commands = Commands::default();
        self.ask_for_files(&ctx, &mut commands);
        let is_blocked = self.view.prompt.is_some()
            || self.view.question.is_some()
            || self.app.state.sharing.is_some();
        if !is_blocked {
            keys::take_shortcuts(&ctx, &self.app.state, self.view.was_typing, &mut commands);
        }
        drops::take_files(&ctx, &mut commands);
        frame_ui(ui, &self.app, &mut self.view, &mut commands);
        // The screen has taken it.
        self.app.state.wants_comment = false;
        overlays_ui(ui, &self.app, &mut self.view, &mut commands);
        if sharing::sharing_ui(&ctx, &self.app.state, &mut commands) {
            self.app.state.sharing = None;
        }
        drops::hint_ui(&ctx);
        for command in commands.take() {
            let is_answered = self.view.answered.as_ref() == Some(&command);
            match Question::before(&command, &self.app.state).filter(|_| !is_answered) {
                Some(question) => self.view.question = Some(question),
                None => self.app.apply(command),
            }
        }
        self.view.answered = None;
        self.view.was_typing = ctx.text_edit_focused();
        self.follow_state(&ctx);
    }

    /// Before the window closes.
    pub fn shut_down(&mut self) {
        self.app.shut_down();
    }

    fn ask_for_files(&mut self, ctx: &Context, commands: &mut Commands) {
        if let Some(ask) = self.app.state.asking.take() {
            let folder = self.app.state.settings.last_folder.clone();
            self.picker.open(&ask, folder.as_deref());
            self.view.prompt = Some(FilePrompt::new(ask, folder.as_deref(), ctx));
        }
        if let Some(prompt) = &mut self.view.prompt
            && let Some(answer) = self.picker.answer()
            && prompt.take_answer(answer, ctx, commands)
        {
            self.view.prompt = None;
        }
    }

    /// Brings the window in line with the state.
    fn follow_state(&mut self, ctx: &Context) {
        let state = &mut self.app.state;
        ctx.set_theme(match state.settings.theme {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        });
        ctx.set_zoom_factor(state.settings.zoom);
        if self.view.text_size != state.settings.text_size {
            self.view.text_size = state.settings.text_size;
            ctx.set_fonts(theme::fonts(state.settings.text_size.scale()));
            ctx.request_repaint();
        }
        if self.view.is_full_screen != state.is_full_screen {
            self.view.is_full_screen = state.is_full_screen;
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(state.is_full_screen));
        }
        if state.asking.is_some() {
            ctx.request_repaint();
        }
        let (is_closing, size) = ctx.input(|input| {
            let viewport = input.viewport();
            (viewport.close_requested(), viewport.inner_rect.map(|rect| rect.size()))
        });
        if let Some(size) = size.filter(|_| !state.is_full_screen) {
            self.app.set_window_size((size * ctx.zoom_factor()).into());
        }
        let state = &mut self.app.state;
        if !is_closing && !state.is_quitting {
            return;
        }
        if state.has_unsaved_work() && !self.view.may_close {
            state.is_quitting = false;
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.view.question = Some(Question::Quit);
            ctx.request_repaint();
        } else if !is_closing {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }
}

/// Bars, rail and the current screen.
fn frame_ui(ui: &mut Ui, app: &App, view: &mut View, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let state = &app.state;
    let bar = |margin: egui::Margin| Frame::new().fill(tokens.panel).inner_margin(margin);
    Panel::top("top bar")
        .frame(bar(egui::Margin::symmetric(8, 5)))
        .resizable(false)
        .show(ui, |ui| top_bar::top_bar_ui(ui, state, commands));
    Panel::bottom("status line")
        .frame(bar(egui::Margin::symmetric(10, 3)))
        .resizable(false)
        .exact_size(status_line::HEIGHT)
        .show(ui, |ui| status_line::status_line_ui(ui, app, commands));
    Panel::left("rail")
        .frame(bar(egui::Margin::symmetric(8, 10)))
        .resizable(false)
        .exact_size(rail::WIDTH)
        .show(ui, |ui| rail::rail_ui(ui, state, commands));
    egui::CentralPanel::no_frame().frame(Frame::new().fill(tokens.ground)).show(ui, |ui| {
        lesson::bar_ui(ui, state, &mut view.lesson, commands);
        let places = stage::stage_ui(ui, app, &mut view.screens, commands);
        if let Some(places) = places {
            lesson::ring_ui(ui, state, &places);
        }
    });
}

/// What lies on top of the screen.
fn overlays_ui(ui: &Ui, app: &App, view: &mut View, commands: &mut Commands) {
    let ctx = ui.ctx();
    let state = &app.state;
    match state.overlay {
        Some(Overlay::Palette) => palette::palette_ui(ctx, state, &mut view.palette, commands),
        Some(Overlay::Keys) => keys_overlay::keys_ui(ctx, state, commands),
        Some(Overlay::Settings) => settings::settings_ui(ctx, state, commands),
        Some(Overlay::Notices) => history::history_ui(ctx, state, commands),
        Some(Overlay::About) => about::about_ui(ctx, commands),
        None => {}
    }
    if state.overlay != Some(Overlay::Palette) {
        view.palette = PaletteMemory::default();
    }
    toasts::toasts_ui(ctx, state, &mut view.toasts, commands);
    if let Some(prompt) = &mut view.prompt
        && prompt.ui(ctx, commands)
    {
        view.prompt = None;
    }
    if let Some(question) = view.question.clone() {
        match question::question_ui(ctx, state, &question) {
            Some(true) => {
                view.may_close |= question == Question::Quit;
                view.answered = Some(question.command());
                commands.push(question.command());
                view.question = None;
            }
            Some(false) => view.question = None,
            None => {}
        }
    }
}

//! Opens the window and hands its frames to the workbench.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eframe::{CreationContext, Frame, NativeOptions};
use egui::{Context, IconData, Pos2, Rect, Theme, Ui, Vec2, ViewportBuilder, pos2};

use super::shell::{SystemPicker, Workbench};
use super::still;
use super::theme::{self, Tokens};
use super::widgets::paint_mark;
use crate::app::{App, Command, Settings};
use crate::domain::ArmId;
use crate::worker::Workers;

/// What the window starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The library's file; made if it is missing.
    pub library: PathBuf,
    /// A dataset, a plan or an experiment to open at once.
    pub open: Option<PathBuf>,
}

/// Points; below this the screens have no room.
const LEAST_SIZE: [f32; 2] = [1_024.0, 640.0];
/// Side of the window's icon, in pixels.
const ICON_SIDE: f32 = 64.0;

/// Shows the window until it is closed.
///
/// # Errors
/// If no window can be opened; [`explain`] says what to try.
pub fn run(start: Start) -> Result<(), eframe::Error> {
    let settings_path = Settings::default_path();
    let settings = settings_path.as_deref().map(Settings::load).unwrap_or_default();
    let options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Rehearsal")
            .with_app_id("rehearsal")
            .with_icon(icon())
            .with_inner_size(settings.window_size)
            .with_min_inner_size(LEAST_SIZE),
        ..NativeOptions::default()
    };
    let create = move |creation: &CreationContext<'_>| {
        let ctx = creation.egui_ctx.clone();
        let window = Window::new(&ctx, &start.library, settings_path, start.open)?;
        Ok(Box::new(window) as Box<dyn eframe::App>)
    };
    eframe::run_native("Rehearsal", options, Box::new(create))
}

/// Why there is no window, and what a person can try.
pub fn explain(error: &eframe::Error) -> String {
    format!(
        "The window could not be opened: {error}.\n\
         Try LIBGL_ALWAYS_SOFTWARE=1 (drawing without a graphics card) or WINIT_UNIX_BACKEND=x11 \
         (instead of Wayland) in front of the command, or a build with `--features wgpu`.\n\
         Everything also works without a window: see `rehearsal --help`."
    )
}

struct Window {
    workbench: Workbench,
}

impl Window {
    fn new(
        ctx: &Context,
        library: &Path,
        settings_path: Option<PathBuf>,
        open: Option<PathBuf>,
    ) -> Result<Self, crate::worker::Error> {
        theme::install(ctx);
        // Our own commands zoom, so that menus and settings know.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let wake: Arc<dyn Fn() + Send + Sync> = {
            let ctx = ctx.clone();
            Arc::new(move || ctx.request_repaint())
        };
        let workers = Workers::new(library, {
            let wake = wake.clone();
            move || wake()
        })?;
        let mut app = App::new(workers, settings_path);
        if let Some(path) = open {
            app.apply(Command::OpenPath(path));
        }
        Ok(Self { workbench: Workbench::new(app, Box::new(SystemPicker::new(wake))) })
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        self.workbench.logic(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        self.workbench.ui(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    #[cfg(feature = "glow")]
    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.workbench.shut_down();
    }

    #[cfg(not(feature = "glow"))]
    fn on_exit(&mut self) {
        self.workbench.shut_down();
    }

    fn auto_save_interval(&self) -> Duration {
        Duration::MAX
    }
}

/// The marks of the two arms on the dark card.
fn icon() -> IconData {
    let image = still::picture(Theme::Dark, Vec2::splat(ICON_SIDE), 1.0, |ui| {
        let tokens = Tokens::of(ui);
        let whole = Rect::from_min_size(Pos2::ZERO, Vec2::splat(ICON_SIDE));
        ui.painter().rect_filled(whole, 0.0, tokens.card);
        for (arm, x, y) in [(ArmId::BASELINE, 0.36, 0.62), (ArmId::CANDIDATE, 0.66, 0.38)] {
            let center = pos2(x * ICON_SIDE, y * ICON_SIDE);
            paint_mark(ui.painter(), center, ICON_SIDE * 0.17, arm, tokens.arm(arm));
        }
    });
    let [width, height] = image.size.map(|side| side as u32);
    IconData { rgba: image.as_raw().to_vec(), width, height }
}

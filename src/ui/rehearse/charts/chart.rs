//! Draws one chart: curves with bands, limits, stages, events, the cursor, and labels at line ends.

use egui::{
    Align, Align2, Color32, FontId, Painter, Pos2, Rangef, Rect, Response, Role, Sense, Shape,
    Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use egui_plot::{
    AxisHints, FilledArea, GridMark, Line, LineStyle, Plot, PlotPoint, PlotTransform, PlotUi,
    Points, Span,
};

use crate::app::{Commands, PlaybackCommand};
use crate::domain::{ArmId, SimTime, Verdict};
use crate::report::figures::{Curve, Figure, Measured, scale};
use crate::ui::notation;
use crate::ui::rehearse::stages::StageSpan;
use crate::ui::rehearse::time_axis;
use crate::ui::theme::{Tokens, mix, semibold, small, strong};
use crate::ui::widgets::{Line as TextLine, paint_line};
use crate::ui::widgets::{paint_cross, paint_mark, paint_mark_hollow};

/// Space right of the run's end, where the labels of full lines go, at the least.
const LEAST_LABEL_WIDTH: f32 = 58.0;
/// From a line's end to its label's letter: the mark stands between.
const LABEL_SHIFT: f32 = 17.0;
const AXIS_WIDTH: f32 = 34.0;
/// Room that a label of the time axis needs.
const TIME_LABEL_WIDTH: f32 = 46.0;
/// And one of the axis of values.
const VALUE_LABEL_HEIGHT: f32 = 26.0;
/// In smaller plots the names of limits would hide the curves.
const LEAST_NAMED: Vec2 = vec2(210.0, 72.0);
const TITLE_HEIGHT: f32 = 20.0;

/// The moments that all charts share.
#[derive(Clone, Copy)]
pub struct Timing<'a> {
    pub now: SimTime,
    /// The end of the axis.
    pub end: SimTime,
    pub stages: &'a [StageSpan],
    /// Moments of events that are worth a tick.
    pub events: &'a [SimTime],
    /// Show what comes after the cursor, faintly.
    pub shows_ahead: bool,
    /// The seconds that are shown.
    pub range: [f64; 2],
    /// The moment under the pointer, in whichever chart that is.
    pub pointed: Option<SimTime>,
}

/// A chart on the screen, and the moment under the pointer if that is in it.
pub struct Drawn {
    pub response: Response,
    pub pointed: Option<SimTime>,
}

/// The width that the labels of all these figures find room in, right of their time.
pub fn label_width(ui: &Ui, figures: &[Figure]) -> f32 {
    let width = |figure: &Figure, value: f64| {
        let text = format!("{} {}", ArmId::CANDIDATE, figure.text(value));
        ui.painter().layout_no_wrap(text, label_font(), Color32::PLACEHOLDER).size().x
    };
    let widths = figures.iter().flat_map(|figure| figure.y.map(|value| width(figure, value)));
    widths.fold(LEAST_LABEL_WIDTH, |widest, width| widest.max(LABEL_SHIFT + width + 4.0))
}

fn label_font() -> FontId {
    FontId::proportional(11.0)
}

/// Draws `figure` into `rect`, with so much room for labels right of its time; a click or drag moves
/// the cursor.
pub fn chart_ui(
    ui: &mut Ui,
    rect: Rect,
    figure: &Figure,
    timing: &Timing<'_>,
    label_width: f32,
    commands: &mut Commands,
) -> Drawn {
    let tokens = Tokens::of(ui);
    title(ui.painter(), tokens, rect, figure);
    let place = rect.with_min_y(rect.top() + TITLE_HEIGHT);
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt(&figure.title));
    let pixels = (place.width() - AXIS_WIDTH - label_width).max(1.0);
    let [from, to] = timing.range;
    let right = from + (to - from) * f64::from((pixels + label_width) / pixels);
    // Lines that lie on an end of the axis are still drawn in full.
    let air = (figure.y[1] - figure.y[0]) * 0.04;
    let plot = plot(tokens, figure, timing, vec2(pixels, place.height()))
        .width(place.width())
        .height(place.height())
        .show(&mut child, |plot| {
            plot.set_plot_bounds_x(from..=right);
            plot.set_plot_bounds_y(figure.y[0] - air..=figure.y[1] + air);
            let draw = Draw { tokens, figure, timing, pixels: pixels as usize };
            draw.stages(plot);
            draw.limits(plot);
            draw.curves(plot);
        });
    let painter = ui.painter().with_clip_rect(plot.response.rect);
    let over = Overlay { painter: &painter, tokens, figure, timing, transform: plot.transform };
    over.paint();
    let sentence = figure.sentence(timing.now.as_secs_f64());
    plot.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &sentence));
    let response = plot.response;
    if let Some(pointer) = response.interact_pointer_pos()
        && (response.clicked() || response.dragged())
    {
        commands.playback(PlaybackCommand::Seek(over.time_at(pointer.x)));
    }
    let pointed = response.hover_pos().map(|pointer| over.time_at(pointer.x));
    let response = match pointed {
        Some(at) => {
            let seen = if timing.shows_ahead { at } else { at.min(timing.now) };
            response.on_hover_ui_at_pointer(|ui| hover_ui(ui, figure, seen))
        }
        None => response,
    };
    Drawn { response, pointed }
}

fn title(painter: &Painter, tokens: &Tokens, rect: Rect, figure: &Figure) {
    let font = semibold(13.0);
    let line = TextLine { font, colour: tokens.text, align: Align2::LEFT_TOP };
    let heading = paint_line(painter, rect.left_top(), &figure.title, &line, rect.width());
    let font = FontId::proportional(11.0);
    let line = TextLine { font, colour: tokens.subdued, align: Align2::LEFT_BOTTOM };
    let at = heading.right_bottom() + vec2(8.0, -1.0);
    paint_line(painter, at, &figure.note, &line, rect.right() - at.x);
}

/// Values at the pointer.
fn hover_ui(ui: &mut Ui, figure: &Figure, at: SimTime) {
    ui.label(strong(notation::time(at)));
    for curve in &figure.curves {
        if let Some(sample) = curve.pyramid.value_at(at.as_secs_f64()) {
            let mut text = format!("{} {} {}", curve.arm, figure.text(sample.value), figure.unit);
            if let Some(band) = sample.band {
                text.push_str(&format!(
                    " ({} to {})",
                    figure.text(band.low),
                    figure.text(band.high)
                ));
            }
            crate::ui::widgets::mark_label(
                ui,
                curve.arm,
                text.trim_start_matches(curve.arm.letter()).trim(),
            );
        }
    }
    for limit in &figure.limits {
        ui.label(small(&limit.name).color(Tokens::of(ui).fail));
    }
    let note = "Click to move the cursor, scroll to look closer, right-click for more";
    ui.label(small(note).color(Tokens::of(ui).subdued));
}

/// `size` is that of the run's time on the screen.
fn plot<'a>(tokens: &Tokens, figure: &Figure, timing: &Timing<'_>, size: Vec2) -> Plot<'a> {
    let end = timing.end;
    let most = (size.x / TIME_LABEL_WIDTH).clamp(1.0, 4.0) as usize;
    let [from, to] = timing.range;
    let (step, ticks) = time_axis::ticks_within(from, to, most);
    // As if the steps were as wide as the plot, so that no line of the grid is faded.
    let times: Vec<GridMark> = ticks
        .into_iter()
        .map(|at| GridMark { value: at.as_secs_f64(), step_size: 2.0 * (to - from) })
        .collect();
    let [low, high] = figure.y;
    let most = (size.y / VALUE_LABEL_HEIGHT).clamp(2.0, 4.0) as usize;
    let value_step = scale::nice_step(high - low, most);
    let values: Vec<GridMark> = scale::marks(low, high, most)
        .into_iter()
        .map(|value| GridMark { value, step_size: high - low })
        .collect();
    let axis = |hints: AxisHints<'a>| {
        hints
            .tick_label_font(FontId::proportional(10.5))
            .tick_label_color(tokens.subdued)
            .label_spacing(Rangef::new(1.0, 2.0))
    };
    let time_label = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
        // The start goes without saying, and would stand in the way of the lowest value.
        if mark.value == 0.0 {
            return String::new();
        }
        time_axis::tick_label(SimTime::from_secs_f64(mark.value), end, step)
    };
    let value_label = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
        scale::mark_text(mark.value, value_step)
    };
    Plot::new("plot")
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_crosshair(false)
        .show_x(false)
        .show_y(false)
        .label_formatter(|_| None)
        .sense(Sense::click_and_drag())
        .grid_color(tokens.grid)
        .grid_fade(0.0)
        .grid_spacing(Rangef::new(1.0, 2.0))
        .x_grid_spacer(move |_| times.clone())
        .y_grid_spacer(move |_| values.clone())
        .custom_x_axes(vec![axis(AxisHints::new_x()).formatter(time_label)])
        .custom_y_axes(vec![
            axis(AxisHints::new_y()).formatter(value_label).min_thickness(AXIS_WIDTH),
        ])
        .min_size(Vec2::ZERO)
}

/// What egui_plot draws.
struct Draw<'a> {
    tokens: &'a Tokens,
    figure: &'a Figure,
    timing: &'a Timing<'a>,
    pixels: usize,
}

impl Draw<'_> {
    fn stages(&self, plot: &mut PlotUi<'_>) {
        for (place, span) in self.timing.stages.iter().enumerate() {
            // Every other stage is shaded, so that neighbours can be told apart.
            let end =
                if self.timing.shows_ahead { span.end } else { span.end.min(self.timing.now) };
            if place % 2 == 1 && span.start < end {
                let range = span.start.as_secs_f64()..=end.as_secs_f64();
                let fill = mix(self.tokens.card, self.tokens.text, 0.035);
                plot.span(Span::new("", range).fill(fill));
            }
        }
    }

    fn limits(&self, plot: &mut PlotUi<'_>) {
        let colour = mix(self.tokens.card, self.tokens.fail, 0.85);
        for limit in &self.figure.limits {
            let line = Line::new("", limit.line.clone()).color(colour).width(1.2);
            plot.line(line.style(LineStyle::Dashed { length: 6.0 }).allow_hover(false));
        }
        if self.figure.has_zero_line {
            let zero = vec![[0.0, 0.0], [self.timing.end.as_secs_f64(), 0.0]];
            let line = Line::new("", zero).color(self.tokens.subdued).width(1.0);
            plot.line(line.allow_hover(false));
        }
    }

    fn curves(&self, plot: &mut PlotUi<'_>) {
        let now = self.timing.now.as_secs_f64();
        let [from, to] = self.timing.range;
        for curve in &self.figure.curves {
            if self.timing.shows_ahead {
                self.curve(plot, curve, [now.max(from), to], 0.3);
            }
            self.curve(plot, curve, [from, now.min(to)], 1.0);
        }
    }

    fn curve(&self, plot: &mut PlotUi<'_>, curve: &Curve, [from, until]: [f64; 2], strength: f32) {
        let arm = self.tokens.arm(curve.arm);
        let colour = mix(self.tokens.card, arm, strength);
        for piece in curve.pyramid.pieces(self.pixels, from, until) {
            if curve.is_dotted {
                let points = Points::new("", piece.line.clone()).radius(3.5).color(colour);
                plot.points(points.allow_hover(false));
            }
            let fill = arm.gamma_multiply(0.16 * strength);
            let band = FilledArea::new("", &piece.times, &piece.lows, &piece.highs);
            plot.add(band.fill_color(fill).allow_hover(false));
            let width = if curve.is_dotted { 1.0 } else { 2.0 };
            let line = Line::new("", piece.line).color(colour).width(width);
            plot.line(line.style(style(curve.arm)).allow_hover(false));
        }
    }
}

/// Lines differ by more than their colour.
fn style(arm: ArmId) -> LineStyle {
    match arm.index() {
        0 | 1 => LineStyle::Solid,
        2 => LineStyle::Dashed { length: 9.0 },
        _ => LineStyle::Dotted { spacing: 5.0 },
    }
}

/// What is painted over the plot.
struct Overlay<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    figure: &'a Figure,
    timing: &'a Timing<'a>,
    transform: PlotTransform,
}

impl Overlay<'_> {
    fn at(&self, secs: f64, value: f64) -> Pos2 {
        self.transform.position_from_point(&PlotPoint::new(secs, value))
    }

    /// The moment under a point of the screen.
    fn time_at(&self, x: f32) -> SimTime {
        let secs = self.transform.value_from_position(pos2(x, 0.0)).x;
        SimTime::from_secs_f64(secs.max(0.0)).min(self.timing.end)
    }

    fn paint(&self) {
        let now = self.timing.now.as_secs_f64();
        let frame = *self.transform.frame();
        for at in self.timing.events.iter().filter(|at| self.is_shown(**at)) {
            let x = self.at(at.as_secs_f64(), 0.0).x;
            let tick = [pos2(x, frame.bottom() - 5.0), pos2(x, frame.bottom())];
            self.painter.line_segment(tick, Stroke::new(1.5, self.tokens.subdued));
        }
        for measured in self.figure.measured.iter().filter(|measured| self.is_shown(measured.at)) {
            self.measured(measured);
        }
        self.limit_names(frame);
        let cursor = |at: f64, colour| {
            let x = self.at(at, 0.0).x.round();
            let line = [pos2(x, frame.top()), pos2(x, frame.bottom())];
            self.painter.line_segment(line, Stroke::new(1.0, colour));
        };
        if let Some(at) = self.timing.pointed {
            cursor(at.as_secs_f64(), self.tokens.faint);
        }
        cursor(now, self.tokens.cursor);
        match self.figure.empty_text(now) {
            Some(text) => self.empty(frame, &text),
            None => self.labels(frame, now),
        }
    }

    fn is_shown(&self, at: SimTime) -> bool {
        at <= self.timing.now || self.timing.shows_ahead
    }

    /// What a gate saw: a ring that passed, a cross that failed, an empty square for the rest.
    fn measured(&self, measured: &Measured) {
        let place = self.at(measured.at.as_secs_f64(), measured.value);
        let tokens = self.tokens;
        match measured.verdict {
            Verdict::Pass => {
                self.painter.circle_stroke(place, 2.5, Stroke::new(1.2, tokens.pass));
            }
            Verdict::Fail => paint_cross(self.painter, place, 3.6, Stroke::new(2.0, tokens.fail)),
            _ => {
                let line = Stroke::new(1.2, tokens.warn);
                paint_mark_hollow(self.painter, place, 2.8, ArmId::CANDIDATE, line);
            }
        }
    }

    /// Small charts have the bare lines; their names stand beside the pointer. A name stands at the
    /// end of its line that is away from the cursor, whose labels it would meet.
    fn limit_names(&self, frame: Rect) {
        if frame.width() < LEAST_NAMED.x || frame.height() < LEAST_NAMED.y {
            return;
        }
        let cursor = self.at(self.timing.now.as_secs_f64(), 0.0).x;
        let at_right = cursor < frame.left() + frame.width() / 3.0;
        for limit in &self.figure.limits {
            let end = if at_right { limit.line.last() } else { limit.line.first() };
            let Some([time, value]) = end else { continue };
            let end = self.at(*time, *value);
            let (from, x) = if at_right {
                (Align::Max, end.x.min(frame.right()))
            } else {
                (Align::Min, end.x.max(frame.left()) + 4.0)
            };
            // Above the line where there is room, else beneath it.
            let (side, shift) =
                if end.y - frame.top() > 14.0 { (Align::Max, -1.0) } else { (Align::Min, 1.0) };
            let (font, align) = (FontId::proportional(10.5), Align2([from, side]));
            let line = TextLine { font, colour: self.tokens.fail, align };
            let at = pos2(x, end.y + shift);
            // Curves may run there as well.
            let ground = self.painter.add(Shape::Noop);
            let name = paint_line(self.painter, at, &limit.name, &line, frame.width() / 2.0);
            let name = name.expand2(vec2(2.0, 0.0));
            self.painter.set(ground, Shape::rect_filled(name, 3.0, faded(self.tokens.card)));
        }
    }

    fn empty(&self, frame: Rect, text: &str) {
        let font = FontId::proportional(11.0);
        let (colour, width) = (self.tokens.subdued, frame.width() - 12.0);
        let galley = self.painter.layout(text.to_owned(), font, colour, width);
        let place = Align2::CENTER_CENTER.anchor_size(frame.center(), galley.size());
        // A limit may run through the middle.
        self.painter.rect_filled(place.expand2(vec2(4.0, 2.0)), 3.0, self.tokens.card);
        self.painter.galley(place.min, galley, colour);
    }

    /// Mark, letter and value of each arm, right of the cursor.
    fn labels(&self, frame: Rect, now: f64) {
        let values: Vec<(ArmId, f64)> = self
            .figure
            .curves
            .iter()
            .filter_map(|curve| Some((curve.arm, curve.pyramid.value_at(now)?.value)))
            .collect();
        let [from, to] = self.timing.range;
        let x = self.at(now.clamp(from, to), 0.0).x;
        let heights: Vec<f32> = values
            .iter()
            .map(|(_, value)| self.at(now, *value).y.clamp(frame.top(), frame.bottom()))
            .collect();
        let places = scale::spread(&heights, 13.0, frame.top() + 6.0, frame.bottom() - 6.0);
        for ((arm, value), y) in values.iter().zip(places) {
            let colour = self.tokens.arm(*arm);
            let text = format!("{arm} {}", self.figure.text(*value));
            let galley = self.painter.layout_no_wrap(text, label_font(), self.tokens.text);
            let start = pos2(x + LABEL_SHIFT, y - galley.size().y / 2.0);
            let ground = Rect::from_min_size(start, galley.size()).expand2(vec2(1.0, 0.0));
            let ground = ground.with_min_x(x + 4.0);
            self.painter.rect_filled(ground, 3.0, faded(self.tokens.card));
            paint_mark(self.painter, pos2(x + 10.0, y), 3.6, *arm, colour);
            self.painter.galley(start, galley, self.tokens.text);
        }
    }
}

/// Lets lines shine through a little.
fn faded(colour: Color32) -> Color32 {
    colour.gamma_multiply(0.82)
}

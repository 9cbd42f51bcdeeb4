//! What a controller acts on: fleets, the split of the traffic, and copies.
//!
//! Three shares are told apart. *Requested* is what the stage asks for, *wanted* what the controller
//! has put into force because the fleets were ready for it, and *applied* what requests follow now:
//! the same, unless an arm has no replica left to answer.

use crate::domain::{ArmId, ArmWindow, Event, EventKind, SimTime};

use super::flow::ArmFlow;
use super::router::Routes;

/// How large a fleet is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    None,
    /// The arm's own number of replicas, with its scheduled changes.
    Full,
    /// A percentage of that, rounded up.
    Percent(f64),
    Replicas(u32),
}

impl Size {
    pub fn of(self, full: u32) -> u32 {
        match self {
            Self::None => 0,
            Self::Full => full,
            Self::Percent(percent) => share_of(full, percent / 100.0),
            Self::Replicas(replicas) => replicas,
        }
    }
}

/// `share` of `full` replicas, rounded up; a hair of rounding error must not cost a replica.
pub(super) fn share_of(full: u32, share: f64) -> u32 {
    (f64::from(full) * share - 1e-9).ceil().max(0.0) as u32
}

/// One arm's fleet as the controller sees it.
#[derive(Clone, Debug)]
struct Fleet {
    size: Size,
    /// Replicas at full size.
    full: u32,
    /// Replicas that faults keep down.
    down: u32,
    /// As last told in an event.
    told_ready: u32,
}

impl Fleet {
    fn target(&self) -> u32 {
        self.size.of(self.full)
    }
}

pub(super) struct Plant {
    pub flows: Vec<ArmFlow>,
    fleets: Vec<Fleet>,
    requested: Vec<f64>,
    wanted: Vec<f64>,
    /// The split follows the ready replicas.
    by_servers: bool,
    routes: Routes,
    /// Since when the traffic flows as it does: evidence must not reach further back.
    pub steady_since: SimTime,
    /// What happened since the recorder last looked.
    pub events: Vec<Event>,
    pub now: SimTime,
}

impl Plant {
    /// `flows` begin with the baseline at full size and nothing else; `full` are the full sizes.
    pub fn new(flows: Vec<ArmFlow>, full: &[u32]) -> Self {
        let fleets = full.iter().enumerate().map(|(arm, full)| Fleet {
            size: if arm == 0 { Size::Full } else { Size::None },
            full: *full,
            down: 0,
            told_ready: if arm == 0 { *full } else { 0 },
        });
        let mut shares = vec![0.0; full.len()];
        shares[0] = 1.0;
        Self {
            flows,
            fleets: fleets.collect(),
            requested: shares.clone(),
            wanted: shares.clone(),
            by_servers: false,
            routes: Routes { shares, mirror: 0.0 },
            steady_since: SimTime::START,
            events: Vec::new(),
            now: SimTime::START,
        }
    }

    pub fn tell(&mut self, kind: EventKind) {
        self.events.push(Event { at: self.now, kind });
    }

    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    pub fn ready(&self, arm: usize) -> u32 {
        self.flows[arm].fleet.ready()
    }

    pub fn target(&self, arm: usize) -> u32 {
        self.fleets[arm].target()
    }

    /// False where jobs answer everything.
    pub fn has_fleets(&self) -> bool {
        self.fleets.iter().any(|fleet| fleet.full > 0)
    }

    /// Replicas of an arm at full size.
    pub fn full(&self, arm: usize) -> u32 {
        self.fleets[arm].full
    }

    /// How many replicas a size is for an arm.
    pub fn size_of(&self, arm: usize, size: Size) -> u32 {
        size.of(self.fleets[arm].full)
    }

    /// True if the arm has all replicas that it is asked to have.
    pub fn is_ready(&self, arm: usize) -> bool {
        self.ready(arm) >= self.target(arm)
    }

    /// True if the arm has the replicas for `share` of the traffic, as far as its full size reaches.
    pub fn can_carry(&self, arm: usize, share: f64) -> bool {
        self.ready(arm) >= share_of(self.fleets[arm].full, share)
    }

    /// The share of the traffic for which the arm has replicas now; everything where jobs need no
    /// fleet.
    pub fn capacity_share(&self, arm: usize) -> f64 {
        match self.fleets[arm].full {
            0 => 1.0,
            full => (f64::from(self.ready(arm)) / f64::from(full)).min(1.0),
        }
    }

    /// The share of the traffic that an arm gets now.
    pub fn applied(&self, arm: usize) -> f64 {
        self.routes.shares[arm]
    }

    /// The share that the controller has put into force.
    pub fn wanted(&self, arm: usize) -> f64 {
        self.wanted[arm]
    }

    /// Asks for shares, without effect before [`Self::put_in_force`].
    pub fn request(&mut self, shares: &[f64]) {
        for (arm, share) in shares.iter().enumerate() {
            if (self.requested[arm] - share).abs() > 1e-12 {
                self.tell(EventKind::Weight { arm: ArmId::new(arm), share: *share });
            }
        }
        self.requested = shares.to_vec();
    }

    pub fn put_in_force(&mut self, shares: &[f64], by_servers: bool) {
        self.wanted = shares.to_vec();
        self.by_servers = by_servers;
        self.refresh();
    }

    /// Copies this share of the baseline's requests to the first candidate.
    pub fn mirror(&mut self, share: f64) {
        if self.routes.mirror != share {
            self.routes.mirror = share;
            self.steady_since = self.now;
            self.tell(EventKind::Mirror { arm: ArmId::CANDIDATE, share });
        }
    }

    /// Works out who can get which share, after fleets or wishes have changed.
    pub fn refresh(&mut self) {
        for arm in 0..self.flows.len() {
            let ready = self.ready(arm);
            if self.fleets[arm].told_ready != ready {
                self.fleets[arm].told_ready = ready;
                self.tell(EventKind::Ready { arm: ArmId::new(arm), replicas: ready });
            }
        }
        let shares = self.feasible();
        for (arm, share) in shares.iter().enumerate() {
            if (self.routes.shares[arm] - share).abs() > 1e-12 {
                self.steady_since = self.now;
                self.tell(EventKind::Feasible { arm: ArmId::new(arm), share: *share });
            }
        }
        self.routes.shares = shares;
    }

    fn feasible(&self) -> Vec<f64> {
        let ready: Vec<f64> = (0..self.flows.len()).map(|arm| f64::from(self.ready(arm))).collect();
        let all: f64 = ready.iter().sum();
        if self.by_servers && all > 0.0 {
            return ready.iter().map(|replicas| replicas / all).collect();
        }
        let mut shares = self.wanted.clone();
        // Traffic never goes to a candidate without a replica while the baseline has one.
        if ready[0] > 0.0 {
            for arm in 1..shares.len() {
                if ready[arm] == 0.0 {
                    shares[0] += shares[arm];
                    shares[arm] = 0.0;
                }
            }
        }
        shares
    }

    pub fn resize(&mut self, arm: usize, size: Size) {
        let fleet = &mut self.fleets[arm];
        let before = fleet.target();
        fleet.size = size;
        let replicas = fleet.target();
        if before != replicas {
            self.tell(EventKind::Scale { arm: ArmId::new(arm), replicas });
            self.scale(arm);
            self.refresh();
        }
    }

    /// A scheduled change of an arm's full size.
    pub fn set_full(&mut self, arm: usize, replicas: u32) {
        let before = self.fleets[arm].target();
        self.fleets[arm].full = replicas;
        let target = self.fleets[arm].target();
        if before != target {
            self.tell(EventKind::Scale { arm: ArmId::new(arm), replicas: target });
        }
        self.scale(arm);
        self.refresh();
    }

    /// `replicas` die and stay down until [`Self::restore`].
    pub fn lose(&mut self, arm: usize, replicas: u32) {
        self.kill(arm, replicas);
        let fleet = &mut self.fleets[arm];
        fleet.down = fleet.down.saturating_add(replicas);
        self.scale(arm);
        self.refresh();
    }

    pub fn restore(&mut self, arm: usize, replicas: u32) {
        let fleet = &mut self.fleets[arm];
        fleet.down = fleet.down.saturating_sub(replicas);
        self.scale(arm);
    }

    fn kill(&mut self, arm: usize, replicas: u32) {
        let cut = self.flows[arm].kill(replicas, self.now.micros());
        if cut > 0 {
            self.tell(EventKind::Cut { arm: ArmId::new(arm), requests: cut });
        }
    }

    fn scale(&mut self, arm: usize) {
        let fleet = &self.fleets[arm];
        let replicas = fleet.target().saturating_sub(fleet.down);
        self.flows[arm].scale(replicas, self.now.micros());
    }

    /// Lets replicas whose start-up is over join.
    pub fn wake(&mut self) {
        for flow in &mut self.flows {
            flow.wake(self.now.micros());
        }
        self.refresh();
    }

    /// When the next replica will be ready.
    pub fn next_ready(&self) -> SimTime {
        let next = self.flows.iter().map(|flow| flow.fleet.next_ready());
        next.min().unwrap_or(SimTime::NEVER)
    }

    /// Writes an arm's state and its fleet's time since the last look into what it counted.
    pub fn describe(&self, arm: usize, span: u64, is_served: bool, slice: &mut ArmWindow) {
        let fleet = &self.flows[arm].fleet;
        slice.requested = self.requested[arm];
        slice.feasible = self.routes.shares[arm];
        slice.ready_replicas = fleet.ready();
        slice.capacity = fleet.servers() as u64 * span;
        slice.replica_time = u64::from(fleet.replicas()) * span;
        if is_served && slice.feasible > 0.0 && fleet.ready() == 0 {
            slice.downtime = span;
        }
    }
}

//! One process for each distinct resource.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::KeyValue;
use crate::traces::model::Resource;

/// A resource under Jaeger's older name.
#[derive(Debug, Serialize)]
pub(crate) struct Process<'a> {
    #[serde(rename = "serviceName")]
    service: &'a str,
    tags: Vec<KeyValue<'a>>,
}

/// Gives the resources of a trace the names `p1`, `p2`, …
///
/// Equal resources are one process, however many exports they came in. Two instances of a service
/// are two, even if nobody gave them a `service.instance.id`.
#[derive(Debug, Default)]
pub(crate) struct Processes<'a> {
    resources: Vec<&'a Arc<Resource>>,
}

impl<'a> Processes<'a> {
    pub(crate) fn name(&mut self, resource: &'a Arc<Resource>) -> String {
        let same = |other: &&Arc<Resource>| Arc::ptr_eq(other, resource) || **other == *resource;
        let place = self.resources.iter().position(same).unwrap_or_else(|| {
            self.resources.push(resource);
            self.resources.len() - 1
        });
        process_name(place)
    }

    pub(crate) fn into_map(self) -> BTreeMap<String, Process<'a>> {
        let process = |(place, resource): (usize, &'a Arc<Resource>)| {
            let process = Process {
                service: &resource.service,
                tags: resource.tags.iter().map(KeyValue::from).collect(),
            };
            (process_name(place), process)
        };
        self.resources
            .into_iter()
            .enumerate()
            .map(process)
            .collect()
    }
}

fn process_name(place: usize) -> String {
    format!("p{}", place + 1)
}

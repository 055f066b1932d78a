//! The containers: that their files are well formed and say what they should. Nothing is built or fetched.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::{Yaml, YamlLoader};

use crate::{place, read, settings};

/// One instruction of a Dockerfile: its word, and what follows with its lines joined.
type Instruction = (String, String);

fn instructions(text: &str) -> Vec<Instruction> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty());
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let split = |line: &str| {
        let (word, rest) = line.split_once(' ').unwrap_or_else(|| panic!("an instruction alone: {line}"));
        (word.to_owned(), rest.trim().to_owned())
    };
    joined.lines().map(split).collect()
}

#[test]
fn the_dockerfile_is_well_formed_and_ends_without_root() {
    let all = instructions(&read("docker/Dockerfile"));
    let known = [
        "FROM",
        "RUN",
        "WORKDIR",
        "COPY",
        "USER",
        "ENV",
        "VOLUME",
        "EXPOSE",
        "HEALTHCHECK",
        "STOPSIGNAL",
        "ENTRYPOINT",
        "CMD",
    ];
    let mut stages = BTreeSet::new();
    for (word, rest) in &all {
        assert!(known.contains(&word.as_str()), "{word} is no instruction");
        if word == "FROM" {
            let image = rest.split(' ').next().unwrap_or_default();
            assert!(image.contains(':') && !image.ends_with(":latest"), "{image} may be anything tomorrow");
            stages.extend(rest.split_once(" AS ").map(|(_, name)| name.to_owned()));
        }
        if let Some(from) = rest.split(' ').find_map(|part| part.strip_prefix("--from=")) {
            assert!(stages.contains(from), "there is no stage {from}");
        }
    }
    let last = all.iter().rposition(|(word, _)| word == "FROM").expect("a stage");
    let of = |name: &str| {
        let found: Vec<&String> =
            all[last..].iter().filter(|(word, _)| word == name).map(|(_, rest)| rest).collect();
        assert_eq!(found.len(), 1, "one {name} in the last stage");
        found[0].clone()
    };
    let user = of("USER");
    assert!(user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)), "{user}");
    assert_eq!(of("ENTRYPOINT"), "[\"/usr/bin/hearth-hub\"]");
    assert!(of("HEALTHCHECK").ends_with("CMD [\"/usr/bin/hearth-hub\", \"health\"]"));
    let known = settings();
    // How many heaps there are is a word for the C library.
    let (heaps, set): (Vec<String>, Vec<String>) = of("ENV")
        .split_whitespace()
        .map(str::to_owned)
        .partition(|word| word.starts_with("MALLOC_ARENA_MAX="));
    assert_eq!(heaps, ["MALLOC_ARENA_MAX=2"]);
    for word in set {
        let name = word.split('=').next().unwrap_or_default();
        assert!(known.iter().any(|setting| setting == name), "{name} is no setting");
    }
    let data = of("VOLUME");
    assert!(of("ENV").contains(&format!("HEARTH_DATA={}", data.trim_matches(['[', ']', '"']))), "{data}");
    let ignored = read("docker/Dockerfile.dockerignore");
    assert!(["**/target", ".git", "**/.env"].iter().all(|line| ignored.lines().any(|it| it == *line)));
}

/// A file of services, with what `<<` brings in put where it belongs.
struct Compose {
    file: String,
    whole: Yaml,
    services: BTreeMap<String, BTreeMap<String, Yaml>>,
}

fn fields(yaml: &Yaml) -> BTreeMap<String, Yaml> {
    let mut fields = BTreeMap::new();
    for (name, value) in yaml.as_hash().into_iter().flatten() {
        let name = name.as_str().expect("names are text").to_owned();
        if name == "<<" {
            fields.extend(self::fields(value));
        } else {
            fields.insert(name, value.clone());
        }
    }
    fields
}

fn compose(name: &str) -> Compose {
    let file = format!("docker/{name}");
    let documents = YamlLoader::load_from_str(&read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let [whole] = &documents[..] else { panic!("{file} is one document") };
    let services = fields(&whole["services"]).iter().map(|(name, it)| (name.clone(), fields(it))).collect();
    Compose { file, whole: whole.clone(), services }
}

fn list(yaml: Option<&Yaml>) -> Vec<String> {
    let items = yaml.and_then(Yaml::as_vec).into_iter().flatten();
    items.map(|item| item.as_str().expect("text").to_owned()).collect()
}

#[test]
fn the_compose_files_are_well_formed() {
    for name in ["compose.yaml", "compose.full.yaml"] {
        let compose = compose(name);
        let declared = |what: &str| fields(&compose.whole[what]).into_keys().collect::<BTreeSet<_>>();
        let (volumes, networks) = (declared("volumes"), declared("networks"));
        for (service, of) in &compose.services {
            let at = format!("{}: {service}", compose.file);
            let image = of["image"].as_str().expect("an image");
            assert!(image.contains(':') && !image.ends_with(":latest"), "{at}: {image}");
            assert!(of.keys().all(|key| KNOWN.contains(&key.as_str())), "{at}: {:?}", of.keys());
            for mount in list(of.get("volumes")) {
                let source = mount.split(':').next().unwrap_or_default();
                let there = match source.strip_prefix("./") {
                    Some(path) => place("docker").join(path).is_file(),
                    None => volumes.contains(source),
                };
                assert!(there && mount.contains(":/"), "{at}: {mount}");
            }
            assert!(list(of.get("networks")).iter().all(|network| networks.contains(network)), "{at}");
            for (other, condition) in fields(of.get("depends_on").unwrap_or(&Yaml::Null)) {
                let other = &compose.services[&other];
                let healthy = condition["condition"].as_str() == Some("service_healthy");
                assert!(!healthy || other.contains_key("healthcheck"), "{at} waits for what is never said");
            }
            assert!(of.get("privileged").is_none() && image != "scratch", "{at}");
        }
    }
}

const KNOWN: [&str; 19] = [
    "image",
    "build",
    "restart",
    "init",
    "ports",
    "environment",
    "volumes",
    "networks",
    "depends_on",
    "read_only",
    "tmpfs",
    "cap_drop",
    "security_opt",
    "stop_grace_period",
    "healthcheck",
    "command",
    "shm_size",
    "name",
    "user",
];

#[test]
fn the_hubs_of_the_compose_files_may_do_little_and_are_set_right() {
    let known = settings();
    let mut hubs = 0;
    for name in ["compose.yaml", "compose.full.yaml"] {
        let compose = compose(name);
        for (service, of) in compose.services.iter().filter(|(name, _)| name.starts_with("hub")) {
            hubs += 1;
            let image = format!("hearth-hub:{}", env!("CARGO_PKG_VERSION"));
            assert_eq!(of["image"].as_str(), Some(image.as_str()), "{service}");
            let context = of["build"]["context"].as_str().expect("a context");
            let dockerfile = of["build"]["dockerfile"].as_str().expect("a Dockerfile");
            assert!(place("docker").join(context).join(dockerfile).is_file());
            for variable in fields(&of["environment"]).keys() {
                assert!(known.contains(variable), "{service}: {variable} is no setting");
            }
            assert_eq!(of["read_only"].as_bool(), Some(true), "{service}");
            assert_eq!(list(of.get("cap_drop")), ["ALL"], "{service}");
            assert_eq!(list(of.get("security_opt")), ["no-new-privileges:true"], "{service}");
            assert_eq!(list(of.get("volumes")), ["data:/var/lib/hearth"], "{service}");
            let ports = list(of.get("ports"));
            assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{service} is open to all");
        }
    }
    assert_eq!(hubs, 3);
}

#[test]
fn what_the_full_house_needs_to_know_is_in_its_example() {
    let text = read("docker/compose.full.yaml");
    let asked = text.split("${").skip(1).map(|rest| rest.split([':', '}']).next().unwrap_or_default());
    let asked: BTreeSet<&str> = asked.collect();
    let example = read("docker/example.env");
    let told: BTreeSet<&str> = example
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('=').next())
        .collect();
    assert_eq!(asked, told);
    assert!(read(".gitignore").lines().any(|line| line == "/docker/.env"), "a password is not checked in");
    // The name reaches Traefik's own file through its environment.
    let routes = read("docker/traefik/hearth.yaml");
    assert!(routes.contains("env \"HEARTH_NAME\""));
    let routes = &YamlLoader::load_from_str(&routes).expect("YAML")[0];
    let balancer = &routes["http"]["services"]["hearth"]["loadBalancer"];
    let servers: BTreeSet<&str> =
        balancer["servers"].as_vec().expect("servers").iter().filter_map(|it| it["url"].as_str()).collect();
    assert_eq!(servers, BTreeSet::from(["http://hub-1:8080", "http://hub-2:8080"]));
    assert_eq!(balancer["healthCheck"]["path"].as_str(), Some("/health"));
}

//! Rhai, set up for runbooks.

use std::sync::{Arc, OnceLock};

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicBlobPackage, BasicFnPackage, BasicIteratorPackage,
    BasicMapPackage, BasicMathPackage, BasicStringPackage, BitFieldPackage, LanguageCorePackage,
    LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, OptimizationLevel, Token};

use super::api;
use super::host::Host;
use super::secret;
use crate::library_error::MOST;

/// Returns the engine that compiles scripts, which takes longer to make than a script to compile.
pub(super) fn compiler() -> &'static Engine {
    static COMPILER: OnceLock<Engine> = OnceLock::new();
    COMPILER.get_or_init(|| {
        let mut engine = bare();
        api::register(&mut engine, None);
        engine.set_optimization_level(OptimizationLevel::None);
        engine
    })
}

/// `call` is a name like any other, for `run::call`: as a function's, Rhai reserves it.
#[expect(
    deprecated,
    reason = "Rhai marks it so because it may change; the tests of `run::call` would tell"
)]
fn free_call(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(name) if *name == "call" => Token::Identifier(name),
        other => other,
    });
}

/// Returns an engine whose API calls go to `host`. Modules are resolved by what the caller sets.
#[must_use]
pub fn runner(host: &Arc<dyn Host>) -> Engine {
    let mut engine = bare();
    api::register(&mut engine, Some(host));
    engine
}

/// No clock, no random numbers, no `eval`, no files; limits that stop a runaway script, not a large one.
fn bare() -> Engine {
    let mut engine = Engine::new_raw();
    LanguageCorePackage::new().register_into_engine(&mut engine);
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicBlobPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BitFieldPackage::new().register_into_engine(&mut engine);
    engine
        .set_module_resolver(DummyModuleResolver::new())
        .set_optimization_level(OptimizationLevel::Simple)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .disable_symbol("eval")
        .set_max_operations(1_000_000_000)
        .set_max_call_levels(64)
        .set_max_expr_depths(256, 256)
        .set_max_string_size(16 << 20)
        .set_max_array_size(1_000_000)
        .set_max_map_size(100_000)
        .set_max_variables(10_000)
        .set_max_functions(10_000)
        .set_max_modules(MOST);
    free_call(&mut engine);
    secret::register(&mut engine);
    engine
}

//! How a function gets into a namespace.

use rhai::{
    Dynamic, FuncRegistration, Module, NativeCallContext, Position, RhaiFunc, RhaiNativeFunc,
    Shared,
};

use crate::{place, secret};

/// Adds a function whose errors say where it was called; Rhai itself leaves that out for functions of modules.
pub(super) fn function<A, const N: usize, const X: bool, R, F>(
    module: &mut Module,
    name: &str,
    function: F,
) where
    A: 'static,
    R: Clone + Send + Sync + 'static,
    F: RhaiNativeFunc<A, N, X, R, true> + Send + Sync + 'static,
{
    let mut made = function.into_rhai_function(true, false);
    if let RhaiFunc::Pure {
        func, has_context, ..
    }
    | RhaiFunc::Method {
        func, has_context, ..
    } = &mut made
    {
        *has_context = true;
        let title = name.to_owned();
        let inner = Shared::clone(func);
        *func = Shared::new(
            move |context: Option<NativeCallContext>, arguments: &mut [&mut Dynamic]| {
                if let Some(context) = &context {
                    place::note(context);
                }
                let position = context
                    .as_ref()
                    .map_or(Position::NONE, NativeCallContext::call_position);
                let taken = secret::none_of(&title, arguments);
                taken
                    .and_then(|()| inner(context, arguments))
                    .map_err(|mut error| {
                        if error.position().is_none() {
                            error.set_position(position);
                        }
                        error
                    })
            },
        );
    }
    FuncRegistration::new(name)
        .in_internal_namespace()
        .set_into_module_raw(module, F::param_types(), made);
}

//! A runtime of its own for a server written in tokio: it goes on while the test blocks, and ends with its owner.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

/// One thread that runs a server's tasks. Drop cuts them off where they stand and closes their sockets.
pub struct Background(Option<Runtime>);

impl Background {
    /// Starts the thread.
    pub fn new() -> Self {
        Self(Some(Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()))
    }

    /// Runs a task for as long as this lives.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime().spawn(task);
    }

    /// Runs a task and blocks the caller until it has ended.
    #[track_caller]
    pub fn wait<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        self.spawn(async move {
            tell.send(task.await).ok();
        });
        told.recv().expect("the task ends well")
    }

    /// Hands a bound socket, made non-blocking, to the runtime: `convert` is called where tokio wants it.
    pub fn adopt<S>(&self, convert: impl FnOnce() -> std::io::Result<S>) -> S {
        let _inside = self.runtime().enter();
        convert().unwrap()
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().unwrap()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // waiting for the thread is forbidden inside an async test
            runtime.shutdown_background();
        }
    }
}

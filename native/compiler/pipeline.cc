#include "compiler/pipeline.h"

#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Vectorize/LoadStoreVectorizer.h>
#include <llvm/Transforms/Vectorize/LoopVectorize.h>
#include <llvm/Transforms/Vectorize/SLPVectorizer.h>
#include <llvm/Transforms/Vectorize/VectorCombine.h>

namespace wasmsh::compiler {
namespace {

llvm::OptimizationLevel LevelOf(uint32_t level) {
  switch (level) {
    case 0:
      return llvm::OptimizationLevel::O0;
    case 1:
      return llvm::OptimizationLevel::O1;
    case 2:
      return llvm::OptimizationLevel::O2;
    default:
      return llvm::OptimizationLevel::O3;
  }
}

llvm::FunctionPassManager Vectorizers() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::LoopVectorizePass());
  passes.addPass(llvm::SLPVectorizerPass());
  passes.addPass(llvm::LoadStoreVectorizerPass());
  passes.addPass(llvm::VectorCombinePass());
  return passes;
}

}  // namespace

void Optimize(Compilation* compilation, const Options& options, LoopPolls* polls,
              Recursion* recursion) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  tuning.LoopUnrolling = true;
  llvm::PassBuilder builder(&compilation->target_machine(), tuning);
  polls->Register(&builder);
  recursion->Register(&builder);

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  const llvm::OptimizationLevel level = LevelOf(options.level);
  llvm::ModulePassManager passes;
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(Vectorizers()));
  if (options.level == 0) {
    passes.addPass(builder.buildO0DefaultPipeline(level));
  } else {
    // WAMR takes another one for modules of less than ten functions; that has no place for ours.
    passes.addPass(builder.buildLTOPreLinkDefaultPipeline(level));
  }
  passes.run(compilation->ir(), modules);
}

}  // namespace wasmsh::compiler

// An expression tree that is evaluated through pointers to functions: indirect calls and recursion.
#include "kernel.h"

typedef struct Node Node;
typedef int64_t Evaluate(const Node* node, int64_t x);
struct Node {
  Evaluate* evaluate;
  const Node *left, *right;
  int64_t constant;
};

static int64_t Constant(const Node* node, int64_t x) { return node->constant; }
static int64_t Variable(const Node* node, int64_t x) { return x; }
static int64_t Add(const Node* node, int64_t x) {
  return node->left->evaluate(node->left, x) + node->right->evaluate(node->right, x);
}
static int64_t Multiply(const Node* node, int64_t x) {
  return node->left->evaluate(node->left, x) * node->right->evaluate(node->right, x);
}
static int64_t Xor(const Node* node, int64_t x) {
  return node->left->evaluate(node->left, x) ^ node->right->evaluate(node->right, x);
}

static Node pool[4096];
static int used;

static const Node* Make(int depth, uint32_t* state) {
  static Evaluate* const kOperations[] = {Add, Multiply, Xor};
  Node* node = &pool[used++];
  const uint32_t random = NextRandom(state);
  if (depth == 0) {
    node->evaluate = random & 64 ? Variable : Constant;
    node->constant = random >> 8 & 255;
    return node;
  }
  node->evaluate = kOperations[(random >> 12) % 3];
  node->left = Make(depth - 1, state);
  node->right = Make(depth - 1, state);
  return node;
}

int main(void) {
  uint32_t state = 7;
  const Node* root = Make(9, &state);
  int64_t hash = 0;
  const int turns = AtRunTime(50000);
  for (int i = 0; i < turns; ++i) hash = hash * 31 + root->evaluate(root, i);
  Keep(hash);
  return 0;
}
